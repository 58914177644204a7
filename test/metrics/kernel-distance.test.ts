import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import type { Features } from "../../lib/metrics/features";
import {
  bootstrapKernelDistance,
  kernelDistance,
  kernelDistanceOfSubsets,
} from "../../lib/metrics/kernel-distance";
import { near } from "../near";

const test = suite("kernelDistance");

function normals(count: number, size: number, rng: Rng, shift = 0): Features {
  return { count, size, values: rng.normals(count * size).map((value) => value + shift) };
}

test("is worked by hand for two images against two, of one feature", () => {
  // Kernels (xy + 1)^3. Real 0, 1: k(0, 1) = 1. Synthetic 1, 2: k(1, 2) = 27.
  // Across: k(0, 1) = k(0, 2) = 1, k(1, 1) = 8, k(1, 2) = 27: mean 37 / 4.
  const real = { count: 2, size: 1, values: Float32Array.of(0, 1) };
  const synthetic = { count: 2, size: 1, values: Float32Array.of(1, 2) };
  near([kernelDistance(real, synthetic)], [1 + 27 - 2 * (37 / 4)], 1e-14);
});

test("is about 0, on either side, for two sets of one distribution, and clear for others", () => {
  const distances = Array.from({ length: 20 }, (_, i) =>
    kernelDistance(normals(60, 4, Rng.fromSeed(i)), normals(60, 4, Rng.fromSeed(100 + i))),
  );
  assert.ok(distances.some((d) => d < 0) && distances.some((d) => d > 0));
  const shifted = kernelDistance(normals(60, 4, Rng.fromSeed(1)), normals(60, 4, Rng.fromSeed(2), 1));
  assert.ok(shifted > 10 * Math.max(...distances.map(Math.abs)));
});

test("has a bootstrap interval whose width is that of new samples", () => {
  // 95 % of normal values lie within 1.96 deviations on either side.
  const sample = (i: number): [Features, Features] => [
    normals(80, 3, Rng.fromSeed(1000 + i)),
    normals(80, 3, Rng.fromSeed(2000 + i), 0.5),
  ];
  const samples = Array.from({ length: 60 }, (_, i) => kernelDistance(...sample(i)));
  const mean = samples.reduce((sum, v) => sum + v, 0) / 60;
  const deviation = Math.sqrt(samples.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 59);
  const { estimate, low, high } = bootstrapKernelDistance(...sample(0), {
    rng: Rng.fromSeed(1),
    replicates: 500,
  });
  assert.is(estimate, samples[0]);
  const ratio = (high - low) / (2 * 1.96 * deviation);
  assert.ok(ratio > 0.6 && ratio < 1.6, `ratio of widths ${ratio}`);
});

test("of subsets scatters about that of all, and is that of all where the subset is the set", () => {
  const [real, synthetic] = [normals(90, 4, Rng.fromSeed(1)), normals(80, 4, Rng.fromSeed(2), 0.7)];
  const whole = kernelDistance(real, synthetic);
  const subsets = kernelDistanceOfSubsets(real, synthetic, Rng.fromSeed(3), { count: 60, images: 40 });
  assert.is(subsets.count, 60);
  assert.ok(Math.abs(subsets.mean - whole) < subsets.standardDeviation);
  const same = { ...real, count: 80, values: real.values.subarray(0, 320) };
  const { mean, standardDeviation } = kernelDistanceOfSubsets(same, synthetic, Rng.fromSeed(3), {
    count: 3,
    images: 1000,
  });
  near([mean, standardDeviation], [kernelDistance(same, synthetic), 0], 1e-12);
});

test.run();
