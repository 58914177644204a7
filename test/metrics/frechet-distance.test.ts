import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { featureCovariance, featureMean } from "../../lib/metrics/feature-moments";
import type { Features } from "../../lib/metrics/features";
import { bootstrapFrechetDistance, frechetDistance } from "../../lib/metrics/frechet-distance";
import { near } from "../near";

const test = suite("frechetDistance");

function normals(count: number, size: number, rng: Rng): Features {
  return { count, size, values: rng.normals(count * size) };
}

test("is worked by hand for one feature: (m1 - m2)^2 + (s1 - s2)^2", () => {
  // Means 1 and 5; variances 2 and 8 with n - 1 = 1: deviations sqrt(2) and 2 sqrt(2).
  const [a, b] = [Float32Array.of(0, 2), Float32Array.of(3, 7)];
  near(
    [frechetDistance({ count: 2, size: 1, values: a }, { count: 2, size: 1, values: b })],
    [16 + 2],
    1e-14,
  );
});

test("of independent features is the sum over them, of shifted and stretched copies known in closed form", () => {
  const real = normals(400, 6, Rng.fromSeed(1));
  const values = real.values.map((value) => 2 * value + 3);
  const covariance = featureCovariance(real, featureMean(real)).values;
  const mean = featureMean(real);
  // C2 = 4 C1, so that the root of C1 C2 is 2 C1: what is left is Tr(C1 + 4 C1 - 4 C1).
  const trace = Array.from({ length: 6 }, (_, i) => covariance[7 * i] ?? 0).reduce((sum, v) => sum + v, 0);
  const shift = mean.reduce((sum, m) => sum + (m + 3) ** 2, 0);
  near([frechetDistance(real, { ...real, values })], [trace + shift], 1e-6);
});

test("of few images equals that of many copies of them, by the other way to the root", () => {
  // Copies leave the mean; the covariance's n - 1 is made up for by the deviation.
  const size = 12;
  const [real, synthetic] = [normals(8, size, Rng.fromSeed(2)), normals(9, size, Rng.fromSeed(3))];
  const copies = (features: Features, times: number): Features => {
    const { count, values } = features;
    const stretch = Math.sqrt((count * times - 1) / ((count - 1) * times));
    const mean = featureMean(features);
    const stretched = values.map((v, i) => (mean[i % size] ?? 0) + stretch * (v - (mean[i % size] ?? 0)));
    const all = new Float32Array(values.length * times);
    for (let i = 0; i < times; i++) all.set(stretched, i * values.length);
    return { count: count * times, size, values: all };
  };
  near([frechetDistance(copies(real, 3), copies(synthetic, 4))], [frechetDistance(real, synthetic)], 1e-6);
});

test("is 0 of a set with itself, the same both ways, and NaN never", () => {
  const [a, b] = [normals(50, 8, Rng.fromSeed(4)), normals(60, 8, Rng.fromSeed(5))];
  near([frechetDistance(a, a)], [0], 1e-6);
  near([frechetDistance(a, b)], [frechetDistance(b, a)], 1e-12);
  const constant: Features = { count: 5, size: 8, values: new Float32Array(40).fill(2) };
  const onlyMean = frechetDistance(constant, { ...constant, values: new Float32Array(40).fill(3) });
  near([onlyMean], [8], 1e-12);
});

test("falls with the number of images where both sets are of one distribution", () => {
  const at = (count: number): number =>
    frechetDistance(normals(count, 16, Rng.fromSeed(6)), normals(count, 16, Rng.fromSeed(7)));
  assert.ok(at(20) > 4 * at(2000));
});

test("has a bootstrap interval about it, the same for the same seed", () => {
  const [a, b] = [normals(60, 5, Rng.fromSeed(8)), normals(70, 5, Rng.fromSeed(9))];
  const interval = () => bootstrapFrechetDistance(a, b, { rng: Rng.fromSeed(1), replicates: 40 });
  const { estimate, low, high } = interval();
  assert.is(estimate, frechetDistance(a, b));
  assert.ok(low < estimate && estimate < high);
  assert.equal(interval(), { estimate, low, high });
});

test("refuses unlike features, one image, and values that are not finite", () => {
  const a = normals(10, 4, Rng.fromSeed(1));
  assert.throws(() => frechetDistance(a, normals(10, 5, Rng.fromSeed(1))), RangeError);
  assert.throws(() => frechetDistance(a, normals(1, 4, Rng.fromSeed(1))), /at least 2/);
  assert.throws(() => frechetDistance(a, { ...a, values: a.values.map(() => Number.NaN) }), /not finite/);
  assert.throws(() => frechetDistance(a, { ...a, count: 9 }), RangeError);
});

test.run();
