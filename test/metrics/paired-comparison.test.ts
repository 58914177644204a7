import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { compareWithBaseline } from "../../lib/metrics/paired-comparison";
import { summariseSeeds } from "../../lib/metrics/seed-summary";
import { near } from "../near";

const test = suite("compareWithBaseline");

const options = { rng: Rng.fromSeed(1), replicates: 400 };
const baseline = { name: "real", values: [0.9, 0.8, 0.7, 0.85, 0.6, 0.75, 0.95, 0.65] };

test("is worked by hand for a method that is worse by a tenth everywhere", () => {
  const values = baseline.values.map((value) => value * 0.9);
  const [worse] = compareWithBaseline(baseline, [{ name: "worse", values }], options);
  assert.ok(worse);
  // The mean of the baseline is 0.775.
  near([worse.difference.estimate, worse.relative.estimate], [-0.0775, 0.9], 1e-12);
  near([worse.relative.low, worse.relative.high], [0.9, 0.9], 1e-12);
  assert.is(worse.test.pValue, 2 / 256);
  assert.is(worse.correctedPValue, 2 / 256);
});

test("corrects for the number of methods and leaves out subjects without a score", () => {
  const values = baseline.values.map((value, i) => (i === 0 ? Number.NaN : value * 0.9));
  const same = { name: "same", values: baseline.values };
  const [worse, equal] = compareWithBaseline(baseline, [{ name: "worse", values }, same], options);
  assert.ok(worse && equal);
  assert.is(worse.count, 7);
  assert.is(worse.correctedPValue, 2 / 128); // the other test could not be made
  assert.ok(Number.isNaN(equal.correctedPValue));
  assert.equal(equal.difference, { estimate: 0, low: 0, high: 0 });
});

test("refuses values of other subjects", () => {
  assert.throws(() => compareWithBaseline(baseline, [{ name: "a", values: [1] }], options), RangeError);
});

test("a cell over seeds is the mean and the deviation of the population", () => {
  const { count, mean, standardDeviation } = summariseSeeds([1, 2, Number.NaN, 3, 6]);
  // Squared deviations 4 + 1 + 0 + 9 = 14, over 4.
  near([count, mean, standardDeviation], [4, 3, Math.sqrt(3.5)], 1e-15);
  assert.ok(Number.isNaN(summariseSeeds([]).mean));
});

test.run();
