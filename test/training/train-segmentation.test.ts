import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { meanDice } from "../../lib/metrics/subject-scores";
import { predictClasses, segmentAndScore } from "../../lib/training/segmentation-prediction";
import {
  trainSegmentation,
  type TrainedSegmentation,
  type TrainSegmentationOptions,
} from "../../lib/training/train-segmentation";
import { InterruptedError, TrainingDivergedError } from "../../lib/training/training-loop";
import { toySlices } from "./toy-slices";

const test = suite("trainSegmentation");
const folder = mkdtempSync(join(tmpdir(), "synthmr-segmentation-"));

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test.after(() => {
  rmSync(folder, { recursive: true, force: true });
});

const BASE = {
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
  train: toySlices(240, 24, 1),
  validation: { set: toySlices(8, 24, 2), score: "subjects" },
  configHash: "toy",
  rng: Rng.fromSeed(5),
  loop: { checkpointEverySec: 1000, logEverySteps: 20 },
} as const satisfies Omit<TrainSegmentationOptions, "folder">;

const SHORT = { ...BASE, config: { ...BASE.config, images: 8 * 12, validateEveryImages: 8 * 4 } };

function weightsOf({ params }: TrainedSegmentation): Float32Array[] {
  return [...params.variables.values()].map((variable) => Float32Array.from(variable.dataSync()));
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

test("gives the same weights, bit for bit, when stopped and resumed at any step", async () => {
  const whole = await trainSegmentation({ ...SHORT, folder: join(folder, "whole") });
  for (const stop of [1, 6, 11]) {
    const controller = new AbortController();
    const options = { ...SHORT, folder: join(folder, `stopped-${stop}`) };
    const onProgress = ({ stepsDone }: { stepsDone: number }) => {
      if (stepsDone === stop) controller.abort();
    };
    const loop = { ...SHORT.loop, logEverySteps: 1, onProgress, signal: controller.signal };
    try {
      await trainSegmentation({ ...options, loop });
      assert.unreachable("the run was to stop");
    } catch (error) {
      assert.instance(error, InterruptedError);
    }
    const resumed = await trainSegmentation(options);
    assert.is(resumed.outcome.resumedAt, stop);
    assert.equal(resumed.validations, whole.validations);
    assert.equal(resumed.best, whole.best);
    assert.equal(weightsOf(resumed), weightsOf(whole));
    resumed.params.dispose();
  }
  whole.params.dispose();
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
