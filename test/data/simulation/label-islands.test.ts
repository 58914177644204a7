import { suite } from "uvu";
import * as assert from "uvu/assert";
import { reducedFrame, type VoxelBox } from "../../../lib/data/simulation/frame";
import { removeIslands } from "../../../lib/data/simulation/label-islands";

const test = suite("removeIslands");

/** 12x12x12 voxels of 1 mm. */
const box: VoxelBox = { frame: reducedFrame(1), start: [0, 0, 0], size: [12, 12, 12] };
const at = (x: number, y: number, z: number): number => x + 12 * (y + 12 * z);

/** Fills the cube from `low` to `high`, both included, along all axes. */
function cube(labels: Uint8Array, low: number, high: number, label: number): void {
  for (let z = low; z <= high; z++)
    for (let y = low; y <= high; y++) for (let x = low; x <= high; x++) labels[at(x, y, z)] = label;
}

test("a speck in the brain disappears", () => {
  const labels = new Uint8Array(1728);
  labels[at(3, 3, 3)] = 2;
  removeIslands(labels, box);
  assert.ok(labels.every((label) => label === 0));
});

test("a speck of one label in another takes the label around it", () => {
  const labels = new Uint8Array(1728);
  cube(labels, 2, 8, 2); // 343 voxels, 0.34 mL
  labels[at(5, 5, 5)] = 4;
  removeIslands(labels, box);
  assert.is(labels[at(5, 5, 5)], 2);
  assert.is(labels.filter((label) => label === 2).length, 343);
});

test("large parts stay as they are", () => {
  const labels = new Uint8Array(1728);
  cube(labels, 1, 10, 2);
  cube(labels, 3, 7, 4); // 125 voxels, above the 30 that the enhancing part needs
  const before = labels.slice();
  removeIslands(labels, box);
  assert.equal(labels, before);
});

test("an island at the edge of the box does not join the other side", () => {
  const labels = new Uint8Array(1728);
  for (let z = 0; z < 12; z++) labels[at(11, 3, z)] = labels[at(0, 4, z)] = 4; // 12 voxels each
  removeIslands(labels, box);
  assert.ok(labels.every((label) => label === 0));
});

test.run();
