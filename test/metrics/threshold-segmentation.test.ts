import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SliceSet } from "../../lib/data/slice-set";
import { bestThreshold, thresholdScores } from "../../lib/metrics/threshold-segmentation";
import { near } from "../near";

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

test("counts everything in the brain below the lowest score, and has no value without tumour", () => {
  const { dice } = thresholdScores(slices([12, 0]), "flair");
  // Everything above -1: 2 * 12 / (60 + 12).
  near([dice[0]?.[0] ?? 0], [1 / 3], 1e-12);
  assert.ok(Number.isNaN(dice[1]?.at(-1)));
});

test.run();
