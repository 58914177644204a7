import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkMask, countMasks, formatMaskCounts, NO_IMAGES } from "../../lib/generators/mask-check";

const test = suite("mask check");

const SIZE = 8;

/** A head of 6x6 bright pixels in 8x8, with tumour at some pixels. */
function image(tumour: readonly (readonly [number, number])[], grey = 204, brain = 100): Uint8Array {
  const pixels = new Uint8Array(SIZE * SIZE * 5);
  for (let row = 1; row < 7; row++)
    for (let column = 1; column < 7; column++) pixels.fill(brain, at(row, column), at(row, column) + 4);
  for (const [row, column] of tumour) pixels[at(row, column) + 4] = grey;
  return pixels;
}

const at = (row: number, column: number) => (row * SIZE + column) * 5;

const BLOCK = [
  [2, 2],
  [2, 3],
  [3, 2],
  [3, 3],
] as const;

test("a tumour within the head has no fault", () => {
  assert.equal(checkMask(image(BLOCK), SIZE), { tumourPixels: 4, faults: [] });
  assert.equal(checkMask(image([]), SIZE), { tumourPixels: 0, faults: [] });
});

test("grey values below the first threshold are no tumour", () => {
  assert.is(checkMask(image(BLOCK, 25), SIZE).tumourPixels, 0);
  assert.is(checkMask(image(BLOCK, 26), SIZE).tumourPixels, 4);
});

test("a fifth of the tumour may lie in the dark, not more", () => {
  // 1 of 5, 2 of 6.
  assert.equal(checkMask(image([...BLOCK, [0, 0]]), SIZE).faults, []);
  assert.equal(checkMask(image([...BLOCK, [0, 0], [0, 1]]), SIZE).faults, ["outsideBrain"]);
});

test("pixels that touch at a corner are together; four alone are scattered", () => {
  const diagonal = [1, 2, 3, 4, 5].map((i) => [i, i] as const);
  assert.equal(checkMask(image(diagonal), SIZE).faults, []);
  const apart = [
    [1, 1],
    [1, 4],
    [4, 1],
    [4, 4],
  ] as const;
  assert.equal(checkMask(image(apart), SIZE).faults, ["scattered"]);
  // Three may be the end of a tumour at a small size.
  assert.equal(checkMask(image(apart.slice(1)), SIZE).faults, []);
});

test("an image without a head has none, by the study's rule", () => {
  assert.equal(checkMask(image([], 204, 50), SIZE).faults, ["noBrain"]);
  assert.equal(checkMask(image([], 204, 51), SIZE).faults, []);
});

test("counts images, not faults, as impossible, and goes on from earlier counts", () => {
  const black = new Uint8Array(SIZE * SIZE * 5);
  black.fill(255, at(0, 0) + 4, at(0, 0) + 5);
  const counts = countMasks(Uint8Array.from([...image(BLOCK), ...image([]), ...black]), SIZE);
  const faults = { noBrain: 1, outsideBrain: 1, scattered: 0 };
  assert.equal(counts, { images: 3, withoutTumour: 1, impossible: 1, faults });
  assert.equal(countMasks(image([]), SIZE, counts), { ...counts, images: 4, withoutTumour: 2 });
  assert.is(
    formatMaskCounts(counts),
    "without tumour 1 (33.3 %); impossible 1 (33.3 %): no brain 1, tumour outside the brain 1, scattered 0",
  );
  assert.match(formatMaskCounts(NO_IMAGES), /without tumour 0 \(- %\)/);
});

test.run();
