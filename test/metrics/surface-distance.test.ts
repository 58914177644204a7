import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { squaredDistancesAt, type GridShape } from "../../lib/metrics/distance-transform";
import {
  averageSurfaceDistance,
  hausdorff,
  hausdorffPercentile,
  surfaceDistances,
  surfaceOf,
} from "../../lib/metrics/surface-distance";
import { near } from "../near";

const test = suite("surface distances");

/** A mask written as rows of digits. */
const drawn = (...rows: readonly string[]) => Uint8Array.from(rows.join(""), Number);

/** A random mask of a given share of ones. */
function randomMask(voxels: number, share: number, seed: number): Uint8Array {
  return Uint8Array.from(Rng.fromSeed(seed).uniforms(voxels), (u) => (u < share ? 1 : 0));
}

/** The place of a voxel, mm. */
function placeOf(voxel: number, shape: GridShape, spacing: readonly number[]): number[] {
  let rest = voxel;
  return shape.map((size, axis) => {
    const at = rest % size;
    rest = (rest - at) / size;
    return at * (spacing[axis] ?? 1);
  });
}

/** Distances from every voxel of one mask to the nearest of another, by trying all pairs. */
function bruteForce(
  from: Uint8Array,
  to: Uint8Array,
  shape: GridShape,
  spacing: readonly number[],
): number[] {
  const places = (mask: Uint8Array) =>
    [...mask.keys()].filter((voxel) => mask[voxel] !== 0).map((voxel) => placeOf(voxel, shape, spacing));
  const targets = places(to);
  return places(from).map((a) =>
    Math.min(...targets.map((b) => Math.hypot(...a.map((at, axis) => at - (b[axis] ?? 0))))),
  );
}

const GRIDS = [
  { shape: [7, 5], spacing: [1, 1] },
  { shape: [6, 9], spacing: [0.7, 1.9] },
  { shape: [5, 6, 4], spacing: [1, 1, 3] },
  { shape: [4, 1, 5], spacing: [0.5, 2, 1.25] },
] as const;

for (const [n, { shape, spacing }] of GRIDS.entries())
  test(`agrees with trying all pairs on a grid of ${shape.join(" x ")}`, () => {
    const voxels = shape.reduce((product: number, size) => product * size, 1);
    for (let seed = 0; seed < 8; seed++) {
      const [a, b] = [randomMask(voxels, 0.15, 10 * n + seed), randomMask(voxels, 0.5, 1000 + 10 * n + seed)];
      a[0] = b[voxels - 1] = 1;
      const found = surfaceDistances(a, b, shape, spacing);
      const [surfaceA, surfaceB] = [surfaceOf(a, shape), surfaceOf(b, shape)];
      near(
        found?.fromAnnotation.sort() ?? [],
        bruteForce(surfaceA, surfaceB, shape, spacing).sort((p, q) => p - q),
        1e-9,
      );
      near(
        found?.fromPrediction.sort() ?? [],
        bruteForce(surfaceB, surfaceA, shape, spacing).sort((p, q) => p - q),
        1e-9,
      );
    }
  });

test("gives the squared distance of every voxel from the nearest marked one", () => {
  const all = Int32Array.from({ length: 12 }, (_, i) => i);
  const squared = squaredDistancesAt(all, drawn("1000", "0000", "0001"), [4, 3], [1, 2]);
  assert.equal([...squared], [0, 1, 4, 9, 4, 5, 5, 4, 9, 4, 1, 0]);
  assert.equal(
    [...squaredDistancesAt(all.subarray(5, 7), new Uint8Array(12), [4, 3], [1, 1])],
    [Infinity, Infinity],
  );
});

test("has as surface what touches the outside, the border and the rims of holes included", () => {
  const ring = drawn("11111", "11111", "11011", "11111", "11111");
  assert.equal(surfaceOf(ring, [5, 5]), drawn("11111", "10101", "11011", "10101", "11111"));
});

test("measures two single voxels, in an image and with anisotropic spacing", () => {
  const distances = surfaceDistances(drawn("100", "000"), drawn("000", "001"), [3, 2], [1, 5]);
  assert.ok(distances);
  near([hausdorff(distances), averageSurfaceDistance(distances)], [Math.sqrt(29), Math.sqrt(29)], 1e-12);
});

test("takes the larger directed quantile, and the mean of the directed means", () => {
  // Annotation at 0 and 1, prediction at 0, 1 and 9: directed distances 0, 0 and 0, 0, 8.
  const distances = surfaceDistances(drawn("1100000000"), drawn("1100000001"), [10, 1], [1, 1]);
  assert.ok(distances);
  assert.is(hausdorff(distances), 8);
  near([hausdorffPercentile(distances, 0.95)], [7.2], 1e-12); // between 0 and 8 at 0.9 of the way
  near([averageSurfaceDistance(distances)], [8 / 6], 1e-12);
});

test("is 0 for equal masks and not defined where one is empty", () => {
  const mask = drawn("0110", "0110");
  const same = surfaceDistances(mask, mask, [4, 2], [1, 1]);
  assert.is(same && hausdorff(same), 0);
  const empty = new Uint8Array(8);
  assert.is(surfaceDistances(mask, empty, [4, 2], [1, 1]), undefined);
  assert.is(surfaceDistances(empty, mask, [4, 2], [1, 1]), undefined);
  assert.is(surfaceDistances(empty, empty, [4, 2], [1, 1]), undefined);
});

test("does not depend on the order of the masks, nor on where they lie in a larger volume", () => {
  const shape = [6, 5, 4] as const;
  const [a, b] = [randomMask(120, 0.3, 1), randomMask(120, 0.3, 2)];
  const [one, two] = [surfaceDistances(a, b, shape, [1, 2, 3]), surfaceDistances(b, a, shape, [1, 2, 3])];
  assert.ok(one && two);
  assert.is(hausdorff(one), hausdorff(two));
  const moved = (mask: Uint8Array) => {
    const larger = new Uint8Array(10 * 9 * 8);
    for (let z = 0; z < 4; z++)
      for (let y = 0; y < 5; y++)
        larger.set(mask.subarray(6 * (y + 5 * z), 6 * (y + 5 * z + 1)), 3 + 10 * (y + 2 + 9 * (z + 1)));
    return larger;
  };
  const inLarger = surfaceDistances(moved(a), moved(b), [10, 9, 8], [1, 2, 3]);
  assert.equal(inLarger?.fromAnnotation, one.fromAnnotation);
});

test("refuses masks of another size", () => {
  assert.throws(
    () => surfaceDistances(new Uint8Array(4), new Uint8Array(5), [2, 2], [1, 1]),
    /4 and 5 voxels/,
  );
});

test.run();
