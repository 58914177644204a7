import { suite } from "uvu";
import * as assert from "uvu/assert";
import { masksOf } from "../../lib/data/batches";
import type { SliceSet } from "../../lib/data/slice-set";
import { countClasses, dice } from "../../lib/metrics/dice";
import { bestThreshold, thresholdMask, thresholdScores } from "../../lib/metrics/threshold-segmentation";
import { near } from "../near";
import { toySlices } from "../training/toy-slices";

const test = suite("thresholdScores");

/** One slice of 8 x 8 a subject: brain of 100, then so many pixels of tumour of 200. */
function slices(tumours: readonly number[]): SliceSet {
  const images = new Uint8Array(tumours.length * 64 * 5);
  tumours.forEach((pixels, n) => {
    for (let i = 0; i < 60; i++) {
      const at = (n * 64 + i) * 5;
      images[at + 3] = i < pixels ? 200 : 100;
      images[at + 4] = i < pixels ? 102 : 0;
    }
  });
  return {
    size: 8,
    count: tumours.length,
    images,
    subjects: tumours.map((_, n) => `S${n}`),
    subjectOf: Int32Array.from(tumours.keys()),
    z: Int32Array.from(tumours, () => 1),
    simulated: true,
    source: "discs",
  };
}

test("finds a tumour that is brighter than everything else", () => {
  const { meanDice, threshold } = bestThreshold(thresholdScores(slices([12, 20]), "flair"));
  assert.is(meanDice, 1);
  // 12 of 60 pixels: mean 120, deviation 40; the tumour's score is 2, the brain's -0.5.
  assert.ok(threshold >= -0.5 && threshold < Math.SQRT2, String(threshold));
});

test("looks for one region where its classes are given, whatever else is bright", () => {
  const set = slices([12, 20]);
  // Half of the first tumour is enhancing (204); both are bright.
  for (let i = 0; i < 6; i++) set.images[5 * i + 4] = 204;
  const { dice } = thresholdScores(set, "flair", [3]);
  near([Math.max(...(dice[0] ?? []))], [(2 * 6) / (6 + 12)], 1e-12);
  assert.is(Math.max(...(dice[1] ?? []).slice(0, 40)), 0);
});

test("counts everything in the brain below the lowest score, and has no value without tumour", () => {
  const { dice } = thresholdScores(slices([12, 0]), "flair");
  // Everything above -1: 2 * 12 / (60 + 12).
  near([dice[0]?.[0] ?? 0], [1 / 3], 1e-12);
  assert.ok(Number.isNaN(dice[1]?.at(-1)));
});

test("the mask of a threshold is what is brighter than it, by each subject's own scores", () => {
  // Scores of the tumours are 2 and 1.41 (20 of 60 pixels: mean 133, deviation 47); the background is never tumour.
  const set = slices([12, 20]);
  const count = (threshold: number): readonly number[] => {
    const mask = thresholdMask(set, "flair", threshold);
    return [0, 1].map((n) => mask.subarray(64 * n, 64 * (n + 1)).reduce((sum, value) => sum + value, 0));
  };
  assert.equal([-1, 0, 1.5, 2.5].map(count), [
    [60, 60],
    [12, 20],
    [12, 0],
    [0, 0],
  ]);
});

test("the mask has the Dice that its threshold is scored by, for each of several subjects", () => {
  const set = toySlices(6, 16, 3);
  const { thresholds, dice: scores } = thresholdScores(set, "flair");
  for (const at of [0, 20, 40, 60]) {
    const mask = thresholdMask(set, "flair", thresholds[at] ?? Number.NaN);
    const found = [0, 1].map((subject) => {
      const own = [0, 1, 2].map((i) => 2 * i + subject); // Slices take turns.
      const tumour = masksOf(set, own).map((index) => Number(index > 0));
      const predicted = Uint8Array.from(own.flatMap((n) => [...mask.subarray(256 * n, 256 * (n + 1))]));
      const [, counts] = countClasses(tumour, predicted, 2);
      return counts === undefined ? Number.NaN : dice(counts);
    });
    near(
      found,
      scores.map((of) => of[at] ?? Number.NaN),
      1e-12,
    );
  }
});

test.run();
