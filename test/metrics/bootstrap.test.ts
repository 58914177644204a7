import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { bootstrap, bootstrapMean, bootstrapRatioOfMeans } from "../../lib/metrics/bootstrap";
import { quantile } from "../../lib/metrics/quantile";
import { near } from "../near";

const test = suite("bootstrap");
const rng = Rng.fromSeed(3);

test("has the interval of the normal theory for a large normal sample", () => {
  // Standard error of the mean of 400 standard normal values: 1 / 20; 95 % of it within 1.96 of it.
  const values = rng.fork("sample").normals(400);
  const { estimate, low, high } = bootstrapMean(values, { rng, replicates: 4000 });
  const mean = values.reduce((sum, value) => sum + value, 0) / 400;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 400;
  near([estimate], [mean], 1e-6);
  near([high - low], [2 * 1.96 * Math.sqrt(variance / 400)], 0.01);
});

test("gives the same interval for the same seed and another for another", () => {
  const values = [0.2, 0.5, 0.9, 0.4];
  assert.equal(bootstrapMean(values, { rng }), bootstrapMean(values, { rng }));
  assert.is.not(bootstrapMean(values, { rng: rng.fork("x") }).low, bootstrapMean(values, { rng }).high);
});

test("leaves missing values out of the mean", () => {
  near([bootstrapMean([0.2, Number.NaN, 0.4], { rng }).estimate], [0.3], 1e-12);
  assert.ok(Number.isNaN(bootstrapMean([Number.NaN], { rng }).estimate));
});

test("has no width for one subject and no number for none", () => {
  assert.equal(bootstrapMean([0.7], { rng }), { estimate: 0.7, low: 0.7, high: 0.7 });
  const none = bootstrapMean([], { rng });
  assert.ok([none.estimate, none.low, none.high].every(Number.isNaN));
});

test("draws the two arms of a ratio together", () => {
  // Each subject has exactly half: every draw gives 0.5.
  const real = [0.2, 0.4, 0.9];
  const { low, high } = bootstrapRatioOfMeans(
    real.map((dice) => dice / 2),
    real,
    { rng },
  );
  near([low, high], [0.5, 0.5], 1e-12);
  assert.throws(() => bootstrapRatioOfMeans([1], [1, 2], { rng }), RangeError);
});

test("has no ratio over a mean of 0", () => {
  assert.ok(Number.isNaN(bootstrapRatioOfMeans([0.5, 0.5], [0, 0], { rng }).estimate));
});

test("takes any statistic of positions", () => {
  const largest = bootstrap(5, (positions) => Math.max(...positions), { rng });
  assert.is(largest.estimate, 4);
  assert.is(largest.high, 4);
});

test("takes quantiles by linear interpolation", () => {
  // NumPy 2: np.quantile([1, 2, 4, 8], [0, 0.25, 0.5, 0.9, 1]) -> 1, 1.75, 3, 6.8, 8.
  const values = [8, 1, Number.NaN, 4, 2];
  near(
    [0, 0.25, 0.5, 0.9, 1].map((share) => quantile(values, share)),
    [1, 1.75, 3, 6.8, 8],
    1e-12,
  );
  assert.throws(() => quantile(values, 1.1), RangeError);
});

test.run();
