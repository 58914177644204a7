import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { InputError } from "../../../lib/errors";
import { toFloat32 } from "../../../lib/storage/safetensors";
import { readLatestCheckpoint } from "../../../lib/training/loop/checkpoint";
import { RunLog } from "../../../lib/training/loop/run-log";
import { trainGan, type GanWatch, type TrainGanOptions } from "../../../lib/training/gan/train-gan";
import { InterruptedError } from "../../../lib/training/loop/training-loop";
import { near } from "../../near";
import { temporaryFolder } from "../../temporary-folder";
import { tinySlices } from "../tiny-diffusion";
import {
  TINY_GANS,
  TINY_STYLEGAN1,
  TINY_STYLEGAN2,
  TINY_STYLEGAN3,
  tinyGanRun,
  type TinyGan,
} from "../tiny-gan";

const test = suite("trainGan");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** Everything that the last checkpoint holds. */
const lastState = (folder: string) => readLatestCheckpoint(folder, "tiny")?.state;

/** Runs until a number of steps is done, and stops there as if it had been interrupted. */
async function trainUntil(run: TrainGanOptions, steps: number): Promise<void> {
  const stop = new AbortController();
  const onProgress = ({ stepsDone }: { readonly stepsDone: number }) => {
    if (stepsDone >= steps) stop.abort();
  };
  try {
    await trainGan({ ...run, loop: { ...run.loop, signal: stop.signal, onProgress } });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
  }
}

/** Where each run is stopped: within a fade and the repeats of a batch, or between lazy updates. */
const STOP = 5;

for (const [name, gan] of TINY_GANS)
  test(`gives the same bytes resumed anywhere as in one go: ${name}`, async () => {
    const [whole, parts] = [temporaryFolder(), temporaryFolder()];
    const before = tf.memory().numTensors;
    const { outcome, generator } = await trainGan(tinyGanRun(whole, gan));
    await trainUntil(tinyGanRun(parts, gan), STOP);
    const resumed = await trainGan(tinyGanRun(parts, gan));
    assert.is(resumed.outcome.resumedAt, STOP);
    assert.is(resumed.outcome.imagesSeen, outcome.imagesSeen);
    assert.equal(lastState(parts), lastState(whole));
    generator.params.dispose();
    resumed.generator.params.dispose();
    assert.is(tf.memory().numTensors, before);
  });

test("computes the same without graphs", async () => {
  const [graphs, plain] = [temporaryFolder(), temporaryFolder()];
  const recipe = { ...TINY_STYLEGAN2.recipe, images: 12 };
  const values = async (folder: string) => {
    const { generator } = await trainGan(tinyGanRun(folder, { ...TINY_STYLEGAN2, recipe }));
    generator.params.dispose();
    return toFloat32(lastState(folder)?.get("generator/values") ?? fail("no generator"));
  };
  const compiled = await values(graphs);
  process.env["SYNTHMR_EAGER"] = "1"; // for the tests below, too: small runs are quicker so
  near(await values(plain), compiled, 1e-4);
});

test("logs every loss, the level of detail and the images seen so far", async () => {
  const folder = temporaryFolder();
  const { generator, outcome } = await trainGan(tinyGanRun(folder, TINY_STYLEGAN1));
  const lines = new RunLog(folder).read();
  // The images of the plan's steps: see the test of the plan.
  assert.equal(
    lines.map(({ imagesSeen }) => imagesSeen),
    [4, 8, 12, 16, 18, 20, 22, 24, 26, 28, 30, 32],
  );
  assert.is(outcome.imagesSeen, 32);
  assert.equal(Object.keys(lines[4]?.details ?? {}), ["discriminator", "generator", "lod", "realSigns"]);
  assert.is(lines[4]?.details?.["lod"], 0.5);
  assert.is(lines[4]?.loss, lines[4]?.details?.["discriminator"]);
  generator.params.dispose();
});

test("updates lazily what is regularised lazily", async () => {
  const folder = temporaryFolder();
  const { generator } = await trainGan(tinyGanRun(folder, TINY_STYLEGAN2));
  const lines = new RunLog(folder).read();
  const stepsWith = (name: string) =>
    lines.flatMap(({ details }, i) => (details?.[name] === undefined ? [] : [i]));
  assert.equal(stepsWith("r1"), [0, 3, 6]);
  assert.equal(stepsWith("pathLength"), [0, 2, 4, 6, 8]);
  // p moves every two steps, by two batches of 4 over 80 images, from 0.2.
  const strengths = lines.map(({ details }) => details?.["augmentation"] ?? Number.NaN);
  assert.ok(
    Math.abs((strengths[1] ?? 0) - 0.2) < 1e-6 && Math.abs(Math.abs((strengths[2] ?? 0) - 0.2) - 0.1) < 1e-6,
  );
  generator.params.dispose();
});

test("shows the discriminator blurred images, real and made ones, until the blur is gone", async () => {
  const roughness: number[] = [];
  const watched: TinyGan = {
    ...TINY_STYLEGAN3,
    build: (rng) => {
      const { generator, discriminator } = TINY_STYLEGAN3.build(rng);
      const apply: typeof discriminator.apply = (images, options) => {
        const steps = tf.tidy(() =>
          images
            .slice([0, 1])
            .sub(images.slice([0, 0], [-1, 7]))
            .abs()
            .mean()
            .dataSync(),
        );
        roughness.push(steps[0] ?? 0);
        return discriminator.apply(images, options);
      };
      const { params, sampleGroup } = discriminator;
      return { generator, discriminator: { params, sampleGroup, apply } };
    },
  };
  const folder = temporaryFolder();
  const slices = tinySlices();
  const images = Uint8Array.from(Rng.fromSeed(2).uniforms(slices.images.length), (draw) => 255 * draw);
  const run = { ...tinyGanRun(folder, watched), slices: { ...slices, images } };
  const { generator } = await trainGan(run);
  generator.params.dispose();
  const widths = new RunLog(folder).read().map(({ details }) => details?.["blur"] ?? Number.NaN);
  near(Float32Array.from(widths), Float32Array.of(2, 1.75, 1.5, 1.25, 1, 0.75, 0.5, 0.25, 0), 1e-6);
  // Fakes and reals of the first step and of the last one.
  const [firstFakes = 1, firstReals = 1] = roughness;
  const [lastFakes = 0, lastReals = 0] = roughness.slice(-3);
  assert.ok(firstReals < 0.4 * lastReals, `${firstReals} and ${lastReals}`);
  assert.ok(firstFakes < lastFakes, `${firstFakes} and ${lastFakes}`);
});

test("shows the averaged generator now and then, and leaves off with it", async () => {
  const seen: number[][] = [];
  let last: Float32Array | undefined;
  const z = Rng.fromSeed(1).normal<tf.Rank.R2>([2, 4]);
  const watch: GanWatch = {
    everyImages: 8,
    see: (generator, lod, imagesSeen) => {
      seen.push([imagesSeen, lod]);
      last = tf.tidy(() => generator.apply(z, { lod }).dataSync() as Float32Array);
    },
  };
  const { generator } = await trainGan({ ...tinyGanRun(temporaryFolder(), TINY_STYLEGAN1), watch });
  assert.equal(seen, [
    [8, 1],
    [16, 1],
    [24, 0.25],
    [32, 0],
  ]);
  assert.equal(
    tf.tidy(() => generator.apply(z).dataSync()),
    last,
  );
  generator.params.dispose();
});

test("remembers how far a network has grown whose training ends early", async () => {
  const recipe = { ...TINY_STYLEGAN1.recipe, images: 18 };
  const { generator } = await trainGan(tinyGanRun(temporaryFolder(), { ...TINY_STYLEGAN1, recipe }));
  assert.is(generator.params.buffers.get("lod")?.dataSync()[0], 0.5);
  generator.params.dispose();
});

test("refuses slices of another size, and frees what it made", async () => {
  const before = tf.memory().numTensors;
  const run = { ...tinyGanRun(temporaryFolder(), TINY_STYLEGAN2), slices: tinySlices(4, 16) };
  try {
    await trainGan(run);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, InputError);
    assert.match(String(error), "has slices of 16 pixels, the generator makes 8");
  }
  assert.is(tf.memory().numTensors, before);
});

test("refuses batches that do not divide into the discriminator's groups, at any resolution", async () => {
  const before = tf.memory().numTensors;
  const { recipe } = TINY_STYLEGAN1;
  const batchSizes = { otherwise: 3, at: { 4: 4 } };
  const odd = { ...recipe, schedule: { ...recipe.schedule, batchSizes } } as typeof recipe;
  try {
    await trainGan(tinyGanRun(temporaryFolder(), { ...TINY_STYLEGAN1, recipe: odd }));
    assert.unreachable();
  } catch (error) {
    assert.instance(error, InputError);
    assert.match(String(error), "batch size: 3 samples cannot be divided into groups of 2");
  }
  assert.is(tf.memory().numTensors, before);
});

function fail(message: string): never {
  throw new Error(message);
}

test.run();
