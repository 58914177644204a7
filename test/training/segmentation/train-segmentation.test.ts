import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { STUDY_AUGMENTATION } from "../../../lib/data/augmentation/augmentation-config";
import { meanDice } from "../../../lib/metrics/subject-scores";
import { Params } from "../../../lib/models/params";
import { UPerNetSwin } from "../../../lib/models/swin/upernet-swin";
import { STUDY_SWIN_SEGMENTATION } from "../../../lib/training/segmentation/segmentation";
import type { SegmentationSetup } from "../../../lib/training/segmentation/segmentation-recipe";
import { predictClasses, segmentAndScore } from "../../../lib/training/segmentation/segmentation-prediction";
import {
  trainSegmentation,
  type TrainedSegmentation,
  type TrainSegmentationOptions,
} from "../../../lib/training/segmentation/train-segmentation";
import { InterruptedError, TrainingDivergedError } from "../../../lib/training/loop/training-loop";
import { toySlices } from "../toy-slices";

const test = suite("trainSegmentation");
const folder = mkdtempSync(join(tmpdir(), "synthmr-segmentation-"));

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test.after(() => {
  rmSync(folder, { recursive: true, force: true });
});

const COMMON = {
  train: toySlices(240, 24, 1),
  validation: { set: toySlices(8, 24, 2), score: "subjects" },
  configHash: "toy",
  rng: Rng.fromSeed(5),
  loop: { checkpointEverySec: 1000, logEverySteps: 20 },
} as const;

const BASE = {
  ...COMMON,
  network: { inChannels: 4, classes: 4, depth: 3, firstChannels: 8, padding: "same" },
  config: {
    images: 8 * 90,
    epochImages: 48,
    batchSize: 8,
    initialLearningRate: 0.03,
    warmUpEpochs: 2,
    optimizer: { momentum: 0.9, weightDecay: 3e-5, clipNorm: 12 },
    validateEveryImages: 8 * 30,
  },
} as const satisfies Omit<TrainSegmentationOptions, "folder">;

const SHORT = { ...BASE, config: { ...BASE.config, images: 8 * 12, validateEveryImages: 8 * 4 } };

function weightsOf({ params }: TrainedSegmentation): Float32Array[] {
  return [...params.variables.values(), ...params.buffers.values()].map((variable) =>
    Float32Array.from(variable.dataSync()),
  );
}

test("learns discs: Dice above 0.9 on slices it has not seen", async () => {
  const losses: number[] = [];
  const result = await trainSegmentation({
    ...BASE,
    folder: join(folder, "learn"),
    loop: { ...BASE.loop, onProgress: ({ loss }) => losses.push(loss) },
  });
  assert.ok((losses.at(-1) ?? 0) < (losses[0] ?? 0) - 0.5, `losses ${losses}`);
  assert.equal(
    result.validations.map(({ imagesSeen }) => imagesSeen),
    [240, 480, 720],
  );
  const { mean } = meanDice(segmentAndScore(result.network, toySlices(16, 24, 3)));
  assert.ok(mean > 0.9, `Dice ${mean}`);
  assert.ok(result.best.dice > 0.9);
  assert.is(Math.max(...result.validations.map(({ dice }) => dice)), result.best.dice);
  // The network has the best weights: validating again gives the best Dice.
  assert.is(meanDice(segmentAndScore(result.network, BASE.validation.set)).mean, result.best.dice);
  const odd = predictClasses(result.network, toySlices(3, 22, 4), 2); // a size that must be padded
  assert.is(odd.length, 3 * 22 * 22);
  result.params.dispose();
});

const SWIN = {
  network: {
    backbone: {
      inChannels: 4,
      patchSize: 2,
      embedding: 8,
      depths: [1, 2, 1],
      heads: [1, 2, 2],
      windowSize: 3,
      mlpRatio: 2,
      dropPath: 0.3,
    },
    classes: 4,
    headChannels: 8,
    poolScales: [1, 2],
    auxiliaryChannels: 4,
    headDropout: 0.1,
  },
  config: {
    ...STUDY_SWIN_SEGMENTATION,
    images: 4 * 6,
    batchSize: 4,
    warmUp: { steps: 3, ratio: 1e-6 },
    validateEveryImages: 4 * 3,
  },
} as const;

const RUNS: Readonly<Record<string, Omit<TrainSegmentationOptions, "folder"> & SegmentationSetup>> = {
  "the U-Net": SHORT,
  "the U-Net on augmented slices of two sets": {
    ...SHORT,
    mixedWith: [toySlices(20, 24, 8)],
    augmentation: STUDY_AUGMENTATION,
    workers: 1,
  },
  "the Swin": { ...COMMON, ...SWIN },
};

for (const [name, short] of Object.entries(RUNS))
  test(`gives the same weights for ${name}, bit for bit, when stopped and resumed`, async () => {
    const whole = await trainSegmentation({ ...short, folder: join(folder, name) });
    for (const stop of name === "the U-Net" ? [1, 6, 11] : [2]) {
      const controller = new AbortController();
      const options = { ...short, folder: join(folder, `${name}-${stop}`) };
      const onProgress = ({ stepsDone }: { stepsDone: number }) => {
        if (stepsDone === stop) controller.abort();
      };
      const loop = { ...short.loop, logEverySteps: 1, onProgress, signal: controller.signal };
      try {
        await trainSegmentation({ ...options, loop });
        assert.unreachable("the run was to stop");
      } catch (error) {
        assert.instance(error, InterruptedError);
      }
      const resumed = await trainSegmentation({ ...options, workers: 0 });
      assert.is(resumed.outcome.resumedAt, stop);
      assert.equal(resumed.validations, whole.validations);
      assert.equal(resumed.best, whole.best);
      assert.equal(weightsOf(resumed), weightsOf(whole));
      resumed.params.dispose();
    }
    whole.params.dispose();
  });

test("moves every weight and buffer of the Swin and leaves no tensor behind", async () => {
  const tensors = tf.memory().numTensors;
  const rng = Rng.fromSeed(5);
  const fresh = new Params(rng.fork("initial"));
  new UPerNetSwin(fresh, SWIN.network);
  const trained = await trainSegmentation({ ...COMMON, ...SWIN, rng, folder: join(folder, "moved") });
  for (const [path, variable] of [...trained.params.variables, ...trained.params.buffers]) {
    const before = (fresh.variables.get(path) ?? fresh.buffers.get(path))?.dataSync();
    const moved = variable.dataSync().some((value, i) => value !== before?.[i]);
    assert.is(moved, !path.startsWith("backbone/norm/"), `${path} ${moved ? "moved" : "did not move"}`);
  }
  fresh.dispose();
  trained.params.dispose();
  assert.is(tf.memory().numTensors, tensors);
});

test("stops at a loss that is not finite", async () => {
  const config = { ...SHORT.config, initialLearningRate: 1e30 };
  try {
    await trainSegmentation({ ...SHORT, config, folder: join(folder, "diverged") });
    assert.unreachable("the run was to stop");
  } catch (error) {
    assert.instance(error, TrainingDivergedError);
    assert.match(String(error), /the loss became NaN at step \d+ of 12/);
  }
});

test("leaves no tensor behind, also after a failure", async () => {
  const before = tf.memory().numTensors;
  const result = await trainSegmentation({ ...SHORT, folder: join(folder, "memory") });
  result.params.dispose();
  assert.is(tf.memory().numTensors, before);
  try {
    const set = { ...SHORT.train, count: 4 };
    await trainSegmentation({ ...SHORT, train: set, folder: join(folder, "few") });
    assert.unreachable("too few slices");
  } catch (error) {
    assert.match(String(error), /toy slices: has 4 slices, fewer than one batch of 8/);
  }
  assert.is(tf.memory().numTensors, before);
});

test.run();
