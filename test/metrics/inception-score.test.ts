import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { bootstrapInceptionScore, inceptionScore } from "../../lib/metrics/inception-score";
import { near } from "../near";

const test = suite("inceptionScore");

const of = (...rows: readonly number[][]): Parameters<typeof inceptionScore>[0] => ({
  count: rows.length,
  classes: rows[0]?.length ?? 0,
  values: Float64Array.from(rows.flat()),
});

test("is the number of classes where each image is sure of one and all occur alike", () => {
  near([inceptionScore(of([1, 0, 0], [0, 1, 0], [0, 0, 1])).mean], [3], 1e-14);
});

test("is 1 where every image says the same", () => {
  near([inceptionScore(of([0.2, 0.8], [0.2, 0.8])).mean], [1], 1e-14);
});

test("is worked by hand for two images", () => {
  // p(y) = (0.7, 0.3); KL of (0.9, 0.1) and (0.5, 0.5) from it.
  const kl = (p: number, q: number): number => p * Math.log(p / q);
  const mean = (kl(0.9, 0.7) + kl(0.1, 0.3) + kl(0.5, 0.7) + kl(0.5, 0.3)) / 2;
  near([inceptionScore(of([0.9, 0.1], [0.5, 0.5])).mean], [Math.exp(mean)], 1e-14);
});

test("of parts is the mean of their scores, with the deviation of the population", () => {
  // First two images: score 2; last two: score 1.
  const { count, mean, standardDeviation } = inceptionScore(of([1, 0], [0, 1], [1, 0], [1, 0]), 2);
  near([count, mean, standardDeviation], [2, 1.5, 0.5], 1e-14);
});

test("has a bootstrap interval", () => {
  const rows = Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? [0.9, 0.1] : [0.2, 0.8]));
  const { estimate, low, high } = bootstrapInceptionScore(of(...rows), {
    rng: Rng.fromSeed(1),
    replicates: 200,
  });
  assert.ok(low < estimate && estimate < high);
});

test("refuses rows that are no distributions and more parts than images", () => {
  assert.throws(() => inceptionScore(of([0.5, 0.4])), /sum to/);
  assert.throws(() => inceptionScore(of([1.5, -0.5])), /probability -0.5/);
  assert.throws(() => inceptionScore(of([0.5, 0.5]), 2), RangeError);
});

test.run();
