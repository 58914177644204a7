import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import type { SliceSet } from "../../lib/data/slice-set";
import { pearson } from "../../lib/metrics/correlation";
import { closestPairs, memorization, nearestTraining, summarise } from "../../lib/metrics/memorization";
import { near } from "../near";

const test = suite("memorization");

test.before(async () => {
  await startBackend();
});

function noiseSlices(name: string, count: number, seed: number): SliceSet {
  const draws = Rng.fromSeed(seed)
    .fork(name)
    .uniforms(count * 64 * 5);
  return {
    size: 8,
    count,
    images: Uint8Array.from(draws, (u) => 255 * u),
    subjects: [`${name}_a`, `${name}_b`],
    subjectOf: Int32Array.from({ length: count }, (_, i) => i % 2),
    z: Int32Array.from({ length: count }, (_, i) => 60 + i),
    simulated: true,
    source: "noise",
  };
}

function image(set: SliceSet, index: number, channel: number): number[] {
  return Array.from({ length: 64 }, (_, i) => set.images[(index * 64 + i) * 5 + channel] ?? 0);
}

test("names the subject and the axial position of the copied training slice", () => {
  const training = noiseSlices("train", 12, 1);
  const synthetic = noiseSlices("synthetic", 3, 2);
  synthetic.images.set(training.images.subarray(7 * 320, 8 * 320), 320);
  const found = nearestTraining(synthetic, training, "flair", "image");
  assert.is(found.index[1], 7);
  assert.is(found.subject[1], "train_b");
  assert.is(found.z[1], 67);
  near([found.r[1] ?? 0], [1], 1e-12);
});

test("compares one sequence at a time", () => {
  const training = noiseSlices("train", 9, 1);
  const set = noiseSlices("synthetic", 2, 2);
  const found = nearestTraining(set, training, "t2w", "image");
  const all = Array.from({ length: 9 }, (_, j) => pearson(image(set, 0, 2), image(training, j, 2)));
  near([found.r[0] ?? 0], [Math.max(...all)], 1e-12);
});

test("counts constant slices apart", () => {
  const synthetic = noiseSlices("synthetic", 4, 2);
  synthetic.images.fill(0, 0, 320);
  const training = noiseSlices("train", 6, 1);
  const { summary, synthetic: matches } = memorization({
    synthetic,
    training,
    heldOut: noiseSlices("test", 5, 3),
    sequence: "t1w",
    extent: "image",
  });
  assert.is(summary.constantCount, 1);
  assert.is(summary.synthetic.count, 3);
  assert.is(matches.subject[0], "");
  assert.is(matches.z[0], 0);
});

test("summarises by hand", () => {
  // Held out 0.1 ... 0.5: 99th percentile 0.4 + 0.96 * 0.1 = 0.496. Synthetic 0.3, 0.5, 0.6: two of three
  // above it. Superiority: 0.3 beats 2 and ties 1, 0.5 beats 4 and ties 1, 0.6 beats 5: 12 of 15.
  // Distribution functions at 0.2: 0 against 0.4; at 0.4: 1/3 against 4/5, the largest distance.
  const summary = summarise(
    Float64Array.of(0.6, 0.3, Number.NaN, 0.5),
    Float64Array.of(0.5, 0.4, 0.3, 0.2, 0.1),
  );
  near([summary.threshold], [0.496], 1e-12);
  near([summary.shareAbove], [2 / 3], 1e-12);
  near([summary.superiority], [12 / 15], 1e-12);
  near([summary.kolmogorovSmirnov], [4 / 5 - 1 / 3], 1e-12);
  near([summary.synthetic.median, summary.synthetic.max], [0.5, 0.6], 1e-12);
  assert.is(summary.constantCount, 1);
});

test("gives equal samples no distance and even odds", () => {
  const values = Float64Array.of(0.2, 0.2, 0.7, 0.9);
  const summary = summarise(values, values);
  assert.is(summary.kolmogorovSmirnov, 0);
  assert.is(summary.superiority, 0.5);
});

test("says NaN where one of the samples is empty", () => {
  const summary = summarise(new Float64Array(0), Float64Array.of(0.1));
  assert.ok(Number.isNaN(summary.shareAbove) && Number.isNaN(summary.superiority));
});

test("orders the closest pairs, highest first, constant slices left out", () => {
  const matches = nearestTraining(noiseSlices("synthetic", 5, 2), noiseSlices("train", 5, 1), "t1w", "image");
  const r = Float64Array.of(0.2, Number.NaN, 0.9, 0.2, 0.4);
  assert.equal(closestPairs({ ...matches, r }, 4), [2, 4, 0, 3]);
});

test.run();
