import { suite } from "uvu";
import * as assert from "uvu/assert";
import { byIndex, onCommonGrid } from "../../lib/data/common-grid";
import type { NiftiVolume } from "../../lib/data/nifti";
import { failsNaming } from "./input-fault";

const test = suite("common grid of two volumes");

/** Voxels 2 x 1 x 3 mm, six of them, x running to the left from `start`. */
function volume(data: readonly number[], start = 0): NiftiVolume {
  const affine = [
    [-2, 0, 0, start],
    [0, -1, 0, 5],
    [0, 0, 3, 0],
    [0, 0, 0, 1],
  ];
  return { shape: [3, 2, 1], spacingMm: [2, 1, 3], affine, data: Uint8Array.from(data) };
}

const reference = volume([1, 2, 3, 4, 5, 6]);

test("leaves volumes of one affine as they are, rounding in the header aside", () => {
  const { shape, spacingMm, first, second } = onCommonGrid("p", reference, volume([6, 5, 4, 3, 2, 1], 1e-4));
  assert.equal([shape, spacingMm], [reference.shape, reference.spacingMm]);
  assert.equal([[...first], [...second]], [[...reference.data], [6, 5, 4, 3, 2, 1]]);
});

test("turns axes that run another way, so that voxels of one place meet", () => {
  // The same head with axes (y forwards, x to the right): voxel (j, i) is (2 - i, 1 - j) of the reference.
  const turned: NiftiVolume = {
    shape: [2, 3, 1],
    spacingMm: [1, 2, 3],
    affine: [
      [0, 2, 0, -4],
      [1, 0, 0, 4],
      [0, 0, 3, 0],
      [0, 0, 0, 1],
    ],
    data: Uint8Array.of(6, 3, 5, 2, 4, 1),
  };
  const { first, second, spacingMm } = onCommonGrid("p", reference, turned);
  assert.equal([[...first], [...second]], [[...reference.data], [...reference.data]]);
  assert.equal(spacingMm, [2, 1, 3]);
});

test("refuses voxels at other places, unless they are to be paired by index", () => {
  const moved = volume([1, 2, 3, 4, 5, 6], 3);
  failsNaming(() => onCommonGrid("p.nii", reference, moved), "p.nii", "up to 3.0 voxels away", "--by-index");
  assert.is(byIndex("p.nii", reference, moved).second, moved.data);
  const silent = { ...moved, orientation: "none" } as const;
  assert.is(onCommonGrid("p.nii", reference, silent).second, moved.data);
});

test("refuses another shape or spacing", () => {
  const longer = { ...reference, shape: [6, 1, 1] } as const;
  const coarser = { ...reference, spacingMm: [2, 1, 4] } as const;
  for (const pair of [byIndex, onCommonGrid]) {
    failsNaming(() => pair("p.nii", reference, longer), "p.nii", "the shape [6, 1, 1]");
    failsNaming(() => pair("p.nii", reference, coarser), "p.nii", "the spacing in mm [2, 1, 4]");
  }
});

test.run();
