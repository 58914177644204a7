import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ZERO_TOKEN } from "../../../lib/models/layers/token-order";
import {
  blockPlaces,
  cutWindows,
  relativePositions,
  windowMask,
} from "../../../lib/models/swin/swin-windows";

const test = suite("windows of Swin");

test("cut a grid into windows, row by row", () => {
  const { places, count, regions } = cutWindows({ height: 4, width: 4 }, 2, 0);
  assert.is(count, 4);
  assert.equal([...places], [0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15]);
  assert.is(regions, undefined);
});

test("enlarge a grid by zeros at its right and bottom", () => {
  const z = ZERO_TOKEN;
  const { places, count } = cutWindows({ height: 1, width: 3 }, 2, 0);
  assert.is(count, 2);
  assert.equal([...places], [0, 1, z, z, 2, z, z, z]);
});

test("shift a grid up and left, and keep apart what only that brought together", () => {
  const windows = cutWindows({ height: 4, width: 4 }, 2, 1);
  // The grid's first row and column come to its end: the last window holds its four corners.
  assert.equal([...windows.places], [5, 6, 9, 10, 7, 4, 11, 8, 13, 14, 1, 2, 15, 12, 3, 0]);
  const mask = windowMask(windows);
  if (mask === undefined) throw new Error("no mask");
  const ofWindow = (window: number) => [...mask.subarray(16 * window, 16 * (window + 1))];
  assert.equal(ofWindow(0), new Array(16).fill(0));
  // Columns 3 and 0 side by side: each token attends to the one above or below it alone.
  assert.equal(ofWindow(1), [0, -100, 0, -100, -100, 0, -100, 0, 0, -100, 0, -100, -100, 0, -100, 0]);
  assert.equal(
    ofWindow(3),
    Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 0 : -100)),
  );
});

test("have no mask without a shift", () => {
  assert.is(windowMask(cutWindows({ height: 4, width: 4 }, 4, 0)), undefined);
});

test("number the offsets of two tokens from the far corner on", () => {
  // Offsets (row, column) of tokens a - b in a 2x2 window, each from -1 to 1: 3 rows of 3.
  assert.equal([...relativePositions(2)], [4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4]);
});

test("merge 2x2 blocks by columns", () => {
  assert.equal([...blockPlaces({ height: 2, width: 4 })], [0, 4, 1, 5, 2, 6, 3, 7]);
  const z = ZERO_TOKEN;
  assert.equal([...blockPlaces({ height: 1, width: 3 })], [0, z, 1, z, 2, z, z, z]);
});

test.run();
