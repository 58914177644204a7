import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { decodeMask, encodeMask } from "../../lib/data/mask-code";
import { decodeSlopes } from "../../lib/data/mask-slopes";

const test = suite("decodeSlopes");

/** A mask by its rows. */
const mask = (...rows: readonly (readonly number[])[]): Uint8Array => Uint8Array.from(rows.flat());

/** Grey values of masks of no real slice, drawn evenly. */
const randomGrey = (seed: number, size: number): Uint8Array =>
  Uint8Array.from(Rng.fromSeed(seed).uniforms(size * size), (draw) => Math.floor(256 * draw));

test("leaves every mask of codes as it is, with core beside background too", () => {
  for (let seed = 0; seed < 50; seed++) {
    const classes = randomGrey(seed, 16).map((grey) => grey % 4);
    assert.equal(decodeSlopes(encodeMask(classes), 16), classes);
  }
});

test("reads the slope between background and edema as the nearer of the two", () => {
  // Thresholds say 0 1 1 2 2: 45 is nearer to background (0), 60 to edema (102).
  assert.equal([...decodeMask(mask([0, 45, 60, 102, 102]))], [0, 1, 1, 2, 2]);
  assert.equal([...decodeSlopes(mask([0, 45, 102, 102, 102]), 5)], [0, 0, 2, 2, 2]);
  assert.equal([...decodeSlopes(mask([0, 60, 102, 102, 102]), 5)], [0, 2, 2, 2, 2]);
});

test("takes a trough inside the tumour for core, in a row or in a column", () => {
  // 100 and 130 are edema by the thresholds, with higher pixels left and right, or above and below.
  for (const value of [100, 130]) {
    assert.is(decodeSlopes(mask([204, 102, 204], [204, value, 204], [204, 102, 204]), 3)[4], 1);
    assert.is(decodeSlopes(mask([204, 204, 204], [102, value, 102], [204, 204, 204]), 3)[4], 1);
  }
});

test("takes no floor for a trough that is edema's code, open on a side, shallow, or beside background", () => {
  const around = (value: number, left: number, above = 102): number | undefined =>
    decodeSlopes(mask([204, above, 204], [left, value, 204], [204, 102, 204]), 3)[4];
  assert.is(around(103, 204), 2);
  assert.is(around(110, 102), 2);
  assert.is(around(110, 118), 2);
  assert.is(around(110, 119), 1);
  assert.is(around(110, 204, 0), 2);
  // A pixel at the end of a row has one neighbour in it; the next row's first is none.
  assert.is(decodeSlopes(mask([110, 204, 130], [204, 204, 110], [204, 204, 204]), 3)[2], 2);
});

test("keeps core inside the tumour whatever its grey value", () => {
  const grey = mask([0, 102, 102, 102, 0], [0, 102, 60, 102, 0], [0, 102, 40, 102, 0], [0, 102, 102, 102, 0]);
  assert.equal(decodeSlopes(grey, 5), decodeMask(grey));
});

test("keeps what touches background at a corner only", () => {
  const grey = mask([0, 102, 102], [102, 60, 102], [102, 102, 102]);
  assert.equal(decodeSlopes(grey, 3)[4], 1);
});

test("keeps core that stands on its code beside background, give or take rounding", () => {
  for (const value of [50, 51, 52]) assert.is(decodeSlopes(mask([0, value, 102]), 3)[1], 1);
  assert.is(decodeSlopes(mask([0, 49, 102]), 3)[1], 0);
  assert.is(decodeSlopes(mask([0, 53, 102]), 3)[1], 2);
});

test("does not take the ends of a row for neighbours, nor the outside for background", () => {
  // The first pixel of the second row follows the background at the end of the first one.
  assert.equal([...decodeSlopes(mask([60, 102, 0], [60, 102, 102]), 3)], [1, 2, 0, 1, 2, 2]);
});

test("changes core and edema alone, and is settled after one time", () => {
  for (let seed = 0; seed < 50; seed++) {
    const grey = randomGrey(seed, 12);
    const [plain, decoded] = [decodeMask(grey), decodeSlopes(grey, 12)];
    plain.forEach((before, i) => assert.ok(before === 1 || before === 2 || decoded[i] === before));
    assert.equal(decodeSlopes(encodeMask(decoded), 12), decoded);
  }
});

test.run();
