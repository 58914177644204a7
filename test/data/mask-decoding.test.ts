import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeMask } from "../../lib/data/mask-code";
import { decodeMasksOf } from "../../lib/data/mask-decoding";
import { decodeNeighbours } from "../../lib/data/mask-neighbours";
import { decodeSlopes } from "../../lib/data/mask-slopes";
import { MASK_CHANNEL, SLICE_CHANNELS } from "../../lib/shape";

const test = suite("decodeMasksOf");

test("writes codes into the masks of images and leaves sequences alone", () => {
  const before = Uint8Array.from({ length: 2 * 9 * SLICE_CHANNELS }, (_, i) => (7 * i) % 200);
  const untouched = before.slice();
  decodeMasksOf(untouched, 3, "thresholds");
  assert.equal(untouched, before);
  for (const [decoding, decode] of [
    ["slopes", decodeSlopes],
    ["neighbours", decodeNeighbours],
  ] as const) {
    const images = before.slice();
    decodeMasksOf(images, 3, decoding);
    for (let n = 0; n < 2; n++) {
      const grey = Uint8Array.from({ length: 9 }, (_, i) => before[(n * 9 + i) * 5 + MASK_CHANNEL] ?? 0);
      const codes = Uint8Array.from({ length: 9 }, (_, i) => images[(n * 9 + i) * 5 + MASK_CHANNEL] ?? 0);
      assert.equal(codes, encodeMask(decode(grey, 3)), decoding);
    }
    images.forEach((value, i) => assert.ok(i % SLICE_CHANNELS === MASK_CHANNEL || value === before[i]));
  }
});

test.run();
