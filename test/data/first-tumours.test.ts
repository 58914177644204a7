import { suite } from "uvu";
import * as assert from "uvu/assert";
import { firstTumours } from "../../lib/data/first-tumours";
import { MASK_CHANNEL, SLICE_CHANNELS } from "../../lib/shape";

const test = suite("firstTumours");

/** Slices of 20 x 20 pixels with so many tumour pixels each; half a percent of them are two. */
function slices(...tumours: readonly number[]): { size: number; count: number; images: Uint8Array } {
  const pixels = 20 * 20;
  const images = new Uint8Array(tumours.length * pixels * SLICE_CHANNELS);
  tumours.forEach((tumour, n) => {
    for (let i = 0; i < tumour; i++) images[(n * pixels + i) * SLICE_CHANNELS + MASK_CHANNEL] = 102;
  });
  return { size: 20, count: tumours.length, images };
}

test("takes the first that can be seen, in their order, and no more than asked for", () => {
  assert.equal(firstTumours(slices(0, 2, 1, 3, 400, 5), 3), [1, 3, 4]);
});

test("fills up with the first smaller ones, never with slices without a tumour", () => {
  assert.equal(firstTumours(slices(1, 0, 2, 1, 1), 3), [0, 2, 3]);
  assert.equal(firstTumours(slices(0, 0, 1), 3), [2]);
  assert.equal(firstTumours(slices(0, 0), 3), []);
});

test.run();
