import { suite } from "uvu";
import * as assert from "uvu/assert";
import { signedRankTest } from "../../lib/metrics/wilcoxon";
import { near } from "../near";

const test = suite("signedRankTest");

test("is worked by hand for three pairs", () => {
  // Differences 1, 2, -3: ranks 1 and 2 positive, 3 negative. Of the 8 choices of signs, sums of at most 3:
  // {}, {1}, {2}, {3}, {1, 2}: 5 on one side, so that twice their share is above 1.
  const found = signedRankTest([2, 4, 1], [1, 2, 4]);
  assert.equal(found, { count: 3, statistic: 3, pValue: 1, method: "exact", rankBiserial: 0 });
});

test("has the smallest p-value 2 / 2^n where all differences have one sign", () => {
  const { statistic, pValue, rankBiserial } = signedRankTest([2, 4, 6, 8, 10], [1, 2, 3, 4, 5]);
  assert.equal([statistic, pValue, rankBiserial], [0, 2 / 32, 1]);
});

test("equals SciPy 1.17.1 by the exact distribution", () => {
  const a = [0.6001, 0.6299, 0.5726, 0.5109, 0.5545, 0.5008, 0.606, 0.734, 0.5508, 0.538, 0.649, 0.6357];
  const b = [0.6354, 0.6134, 0.6011, 0.5757, 0.5173, 0.5079, 0.5409, 0.6995, 0.4887, 0.5562, 0.6156, 0.6793];
  const { method, statistic, pValue } = signedRankTest(a, b);
  assert.is(method, "exact");
  near([statistic, pValue], [35, 0.791015625], 1e-12);
});

test("equals SciPy 1.17.1 by the normal approximation, with ties and six pairs without a difference", () => {
  const a =
    "0.62 0.58 0.35 0.55 0.6 0.61 0.45 0.55 0.5 0.52 0.71 0.52 0.6 0.69 0.54 0.59 0.61 0.61 0.48 0.61 0.74 0.45 0.69 0.61 0.54 0.8 0.68 0.48 0.61 0.66";
  const b =
    "0.63 0.63 0.37 0.6 0.69 0.6 0.48 0.55 0.53 0.48 0.7 0.53 0.66 0.77 0.49 0.57 0.66 0.53 0.48 0.63 0.82 0.5 0.69 0.61 0.55 0.9 0.68 0.48 0.65 0.67";
  const numbers = (text: string): number[] => text.split(" ").map(Number);
  const { count, method, statistic, pValue } = signedRankTest(numbers(a), numbers(b));
  assert.equal([count, method], [24, "normal approximation"]);
  near([statistic, pValue], [65, 0.014926127162207122], 1e-12);
});

test("leaves out pairs with a missing value and is NaN where nothing differs", () => {
  assert.is(signedRankTest([1, Number.NaN, 3], [2, 2, 3]).count, 1);
  const none = signedRankTest([1, 2], [1, 2]);
  assert.is(none.count, 0);
  assert.ok(Number.isNaN(none.pValue));
  assert.throws(() => signedRankTest([1], [1, 2]), RangeError);
});

test.run();
