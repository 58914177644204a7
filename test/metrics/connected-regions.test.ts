import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { connectedRegions, countRegions, largestRegion } from "../../lib/metrics/connected-regions";
import type { GridShape } from "../../lib/metrics/distance-transform";

const test = suite("connected regions");

/** A mask written as rows of digits. */
const drawn = (...rows: readonly string[]) => Uint8Array.from(rows.join(""), Number);

test("joins voxels that touch by a corner, in an image and across slices", () => {
  const image = connectedRegions(drawn("1000", "0100", "0001"), [4, 3]);
  assert.equal([image.count, [...image.labels]], [2, [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2]]);
  // Two slices of 2 x 2: opposite corners of the cube.
  assert.is(connectedRegions(drawn("10", "00", "00", "01"), [2, 2, 2]).count, 1);
});

test("does not go on from the end of a row at the start of the next, nor over an empty slice", () => {
  assert.is(connectedRegions(drawn("0001", "0000", "1000"), [4, 3]).count, 2);
  assert.is(connectedRegions(drawn("001", "100"), [3, 2]).count, 2);
  assert.is(connectedRegions(drawn("1", "0", "1"), [1, 1, 3]).count, 2);
});

test("an empty mask has no region, a full one a single region", () => {
  assert.is(connectedRegions(new Uint8Array(60), [5, 4, 3]).count, 0);
  assert.is(connectedRegions(new Uint8Array(60).fill(1), [5, 4, 3]).count, 1);
});

/** Numbers of regions by another route: each voxel takes the lowest index among its neighbours until none changes. */
function countBySettling(mask: Uint8Array, [nx, ny, nz = 1]: GridShape): number {
  const lowest = Array.from(mask, (inside, i) => (inside === 0 ? -1 : i));
  const place = (i: number) => [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny)) % nz];
  const touches = (i: number, j: number) =>
    place(i).every((at, axis) => Math.abs(at - (place(j)[axis] ?? 0)) <= 1);
  const inside = [...mask.keys()].filter((i) => mask[i] !== 0);
  for (let changed = true; changed;) {
    changed = false;
    for (const i of inside)
      for (const j of inside)
        if (touches(i, j) && (lowest[j] ?? 0) < (lowest[i] ?? 0)) {
          lowest[i] = lowest[j] ?? 0;
          changed = true;
        }
  }
  return new Set(inside.map((i) => lowest[i])).size;
}

test("counts as many as another algorithm on random masks", () => {
  for (const shape of [
    [9, 8],
    [6, 5, 4],
    [3, 7, 5],
  ] as const satisfies readonly GridShape[])
    for (let seed = 0; seed < 6; seed++) {
      const voxels = shape.reduce((product: number, size) => product * size, 1);
      const share = shape.length === 2 ? 0.25 : 0.08;
      const mask = Uint8Array.from(Rng.fromSeed(seed).uniforms(voxels), (u) => (u < share ? 1 : 0));
      assert.is(connectedRegions(mask, shape).count, countBySettling(mask, shape), `${shape}, seed ${seed}`);
    }
});

test("a region is wrong if none of its voxels is annotated, even where it touches the annotation", () => {
  const annotation = drawn("0110000");
  // The first region overlaps by one voxel; the others do not.
  assert.equal(countRegions(annotation, drawn("0011011"), [7, 1]), { predicted: 2, wrong: 1 });
  assert.equal(countRegions(annotation, drawn("1001001"), [7, 1]), { predicted: 3, wrong: 3 });
  assert.equal(countRegions(annotation, drawn("0000000"), [7, 1]), { predicted: 0, wrong: 0 });
});

test("the largest region is the one with most voxels, the first of equals; an empty mask has none", () => {
  assert.equal(
    [...largestRegion(drawn("10011", "00001", "10000"), [5, 3])],
    [0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
  );
  assert.equal([...largestRegion(drawn("01010"), [5, 1])], [0, 1, 0, 0, 0]);
  assert.equal([...largestRegion(drawn("000"), [3, 1])], [0, 0, 0]);
});

test("refuses masks that do not fit", () => {
  assert.throws(() => connectedRegions(new Uint8Array(5), [2, 3]), /does not have the shape/);
  assert.throws(() => countRegions(new Uint8Array(5), new Uint8Array(6), [2, 3]), /5 annotated voxels/);
});

test.run();
