import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { InputError } from "../../../lib/errors";
import { RunLog } from "../../../lib/training/loop/run-log";
import { trainDiffusion, type DiffusionConfig } from "../../../lib/training/diffusion/train-diffusion";
import { InterruptedError } from "../../../lib/training/loop/training-loop";
import { temporaryFolder } from "../../temporary-folder";
import { trainedValues } from "../resumed-run";
import { TINY_DIFFUSION, tinyRun, tinySlices } from "../tiny-diffusion";

const test = suite("trainDiffusion");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** The tiny model over a number of steps. */
const during = (steps: number): DiffusionConfig => ({
  ...TINY_DIFFUSION,
  training: { ...TINY_DIFFUSION.training, images: 4 * steps },
});

const collectGarbage = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
})();

test("learns easy images, holding no more memory after 300 steps than after 100", async () => {
  const folder = temporaryFolder();
  const [tensors, residentMb]: [number[], number[]] = [[], []];
  const onProgress = () => {
    collectGarbage();
    tensors.push(tf.memory().numTensors);
    residentMb.push(process.memoryUsage().rss / 2 ** 20);
  };
  const loop = { checkpointEverySec: 1, logEverySteps: 25, onProgress };
  // One level only, for speed.
  const network = { ...TINY_DIFFUSION.network, channelMultipliers: [1], attentionFactors: [] };
  const { params } = await trainDiffusion({ ...tinyRun(folder, { ...during(300), network }), loop });
  params.dispose();

  const losses = new RunLog(folder).read().map(({ loss }) => loss);
  assert.is(losses.length, 12);
  const last = ((losses.at(-1) ?? 1) + (losses.at(-2) ?? 1)) / 2;
  assert.ok(last < 0.5, `the losses were ${losses.map((loss) => loss.toFixed(2)).join(" ")}`);

  assert.equal([...new Set(tensors)].length, 1, `tensors: ${tensors.join(" ")}`);
  const growth = Math.min(...residentMb.slice(-3)) - Math.max(...residentMb.slice(2, 5));
  assert.ok(growth < 8, `resident: ${residentMb.map((mb) => mb.toFixed(0)).join(" ")} MB`);
});

test("gives the averaged weights, the same from the same seed, and frees all else", async () => {
  const before = tf.memory().numTensors;
  const [one, two] = [
    await trainDiffusion(tinyRun(temporaryFolder(), during(6))),
    await trainDiffusion(tinyRun(temporaryFolder(), during(6))),
  ];
  assert.equal(trainedValues(one), trainedValues(two));
  const quick = {
    ...during(6),
    training: { ...during(6).training, ema: { halfLifeImages: 1e-9, rampUp: 0 } },
  };
  const last = await trainDiffusion(tinyRun(temporaryFolder(), quick));
  // An average that forgets at once holds the last weights, which differ from a slower one.
  assert.not.equal(trainedValues(last), trainedValues(one));
  [one, two, last].forEach(({ params }) => {
    params.dispose();
  });
  assert.is(tf.memory().numTensors, before);
});

test("takes a whole number of batches that covers the images asked for", async () => {
  const config = { ...TINY_DIFFUSION, training: { ...TINY_DIFFUSION.training, images: 9 } };
  const { outcome, params } = await trainDiffusion(tinyRun(temporaryFolder(), config));
  assert.equal([outcome.stepsDone, outcome.imagesSeen], [3, 12]);
  params.dispose();
});

test("frees everything where it is stopped", async () => {
  const before = tf.memory().numTensors;
  const run = tinyRun(temporaryFolder());
  const loop = { ...run.loop, signal: AbortSignal.abort() };
  await trainDiffusion({ ...run, loop }).then(
    () => assert.unreachable(),
    (error: unknown) => {
      assert.instance(error, InterruptedError);
    },
  );
  assert.is(tf.memory().numTensors, before);
});

test("refuses fewer slices than one batch, by the name of their source", async () => {
  const run = { ...tinyRun(temporaryFolder()), slices: tinySlices(3) };
  await trainDiffusion(run).then(
    () => assert.unreachable(),
    (error: unknown) => {
      assert.instance(error, InputError);
      assert.match(String(error), /made for a test: has 3 slices, fewer than one batch of 4/);
    },
  );
});

test.run();
