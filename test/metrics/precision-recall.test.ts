import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import type { Features } from "../../lib/metrics/features";
import { neighbourhoods } from "../../lib/metrics/neighbourhoods";
import { densityCoverage, precisionRecall } from "../../lib/metrics/precision-recall";
import { near } from "../near";

const test = suite("precisionRecall");

const onLine = (...values: number[]): Features => ({
  count: values.length,
  size: 1,
  values: Float32Array.from(values),
});
const options = { rng: Rng.fromSeed(1), replicates: 50 };

test("is worked by hand on a line with one neighbour", () => {
  // Real 0, 1, 4: reach 1, 1, 3: neighbourhoods [-1, 1], [0, 2], [1, 7].
  // Synthetic 0.5, 6, 9: reach 5.5, 3, 3: neighbourhoods [-5, 6], [3, 9], [6, 12].
  const found = neighbourhoods(onLine(0, 1, 4), onLine(0.5, 6, 9), 1);
  assert.equal(Array.from(found.ofReal), [2, 1, 0]);
  assert.equal(Array.from(found.ofSynthetic), [1, 1, 2]);
  assert.equal(Array.from(found.covered), [1, 1, 1]);
  const { precision, recall } = precisionRecall(onLine(0, 1, 4), onLine(0.5, 6, 9), options, 1);
  near([precision.estimate, recall.estimate], [2 / 3, 1], 1e-15);
  const { density, coverage } = densityCoverage(onLine(0, 1, 4), onLine(0.5, 6, 9), options, 1);
  near([density.estimate, coverage.estimate], [1, 1], 1e-15);
});

test("is 1 for copies, also where copies leave a neighbourhood without reach", () => {
  const values = Rng.fromSeed(2).normals(60 * 7);
  const set: Features = { count: 60, size: 7, values };
  const { precision, recall } = precisionRecall(set, set, options);
  assert.equal([precision.estimate, recall.estimate], [1, 1]);
  const twice: Features = {
    count: 4,
    size: 7,
    values: Float32Array.from({ length: 28 }, (_, i) => values[i % 7] ?? 0),
  };
  assert.equal(Array.from(neighbourhoods(twice, twice, 2).ofReal), [4, 4, 4, 4]);
});

test("is low in precision for images off the real ones, low in recall for a single kind", () => {
  const real: Features = { count: 100, size: 2, values: Rng.fromSeed(3).normals(200) };
  const off: Features = { ...real, values: real.values.map((value) => value + 20) };
  const single: Features = { ...real, values: real.values.map((value) => value / 100) };
  assert.is(precisionRecall(real, off, options).precision.estimate, 0);
  const { precision, recall } = precisionRecall(real, single, options);
  assert.is(precision.estimate, 1);
  assert.ok(recall.estimate < 0.1, `recall ${recall.estimate}`);
  const { coverage } = densityCoverage(real, single, options);
  assert.ok(coverage.estimate < 0.5, `coverage ${coverage.estimate}`);
});

test("equals every pair in plain loops", () => {
  const real: Features = { count: 30, size: 5, values: Rng.fromSeed(4).normals(150) };
  const fake: Features = {
    count: 25,
    size: 5,
    values: Rng.fromSeed(5)
      .normals(125)
      .map((v) => 1.2 * v + 0.3),
  };
  const distance = (a: Features, i: number, b: Features, j: number): number =>
    Math.hypot(
      ...Array.from({ length: 5 }, (_, f) => (a.values[i * 5 + f] ?? 0) - (b.values[j * 5 + f] ?? 0)),
    );
  const reach = (set: Features, i: number): number =>
    Array.from({ length: set.count }, (_, j) => distance(set, i, set, j)).sort((p, q) => p - q)[3] ?? 0;
  const inReal = Array.from(
    { length: fake.count },
    (_, j) =>
      Array.from({ length: 30 }, (_, i) => distance(real, i, fake, j) <= reach(real, i)).filter(Boolean)
        .length,
  );
  assert.equal(Array.from(neighbourhoods(real, fake, 3).ofReal), inReal);
});

test("refuses a set with no more images than neighbours", () => {
  assert.throws(() => precisionRecall(onLine(1, 2, 3), onLine(1, 2, 3, 4), options), /at least 4/);
});

test.run();
