import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { decodeMask, encodeMask } from "../../lib/data/mask-code";
import { decodeNeighbours } from "../../lib/data/mask-neighbours";

const test = suite("decodeNeighbours");

const SIZE = 64;

/** Class index of each pixel: rings about the middle, as far as the radius says, core inside. */
function rings(core: number, enhancing: number, edema: number): Uint8Array {
  return Uint8Array.from({ length: SIZE * SIZE }, (_, i) => {
    const radius = Math.hypot((i % SIZE) - 31.5, Math.floor(i / SIZE) - 31.5);
    return radius < core ? 1 : radius < enhancing ? 3 : radius < edema ? 2 : 0;
  });
}

/** Pairs of unlike neighbours, right and below. */
function unlike(classes: Uint8Array): number {
  let pairs = 0;
  classes.forEach((found, i) => {
    if (i % SIZE < SIZE - 1 && classes[i + 1] !== found) pairs++;
    if (i + SIZE < classes.length && classes[i + SIZE] !== found) pairs++;
  });
  return pairs;
}

const wrong = (a: Uint8Array, b: Uint8Array): number => a.filter((found, i) => found !== b[i]).length;

test("leaves a mask without tumour empty, whatever its dark grey values", () => {
  const dark = Rng.fromSeed(1).uniforms(SIZE * SIZE);
  assert.ok(
    decodeNeighbours(
      Uint8Array.from(dark, (draw) => Math.floor(25 * draw)),
      SIZE,
    ).every((k) => k === 0),
  );
});

test("keeps a tumour of rings but for a few pixels of its borders", () => {
  const annotation = rings(6, 10, 18);
  const found = decodeNeighbours(encodeMask(annotation), SIZE);
  // 1,018 pixels of tumour.
  assert.ok(wrong(found, annotation) < 20, `${wrong(found, annotation)} pixels differ`);
});

test("takes specks away: a single pixel of core in the background, of edema in the core", () => {
  const annotation = rings(8, 12, 18);
  const speckled = annotation.slice();
  speckled[5 * SIZE + 5] = 1;
  speckled[32 * SIZE + 32] = 2;
  const found = decodeNeighbours(encodeMask(speckled), SIZE);
  assert.equal([found[5 * SIZE + 5], found[32 * SIZE + 32]], [0, 1]);
});

test("reads noisy and blurred masks better than thresholds do, and as smooth as they were", () => {
  for (let seed = 0; seed < 5; seed++) {
    const annotation = rings(7, 11, 17 + seed / 2);
    const codes = encodeMask(annotation);
    const noise = Rng.fromSeed(seed).uniforms(2 * codes.length);
    const grey = codes.map((code, i) => {
      // The mean of a pixel and the one left of it, and normal noise of 20 grey values (Box and Muller).
      const blurred = i % SIZE > 0 ? (code + (codes[i - 1] as number)) / 2 : code;
      const draw =
        Math.sqrt(-2 * Math.log(1 - (noise[2 * i] as number))) *
        Math.cos(2 * Math.PI * (noise[2 * i + 1] as number));
      return Math.round(Math.min(255, Math.max(0, blurred + 20 * draw)));
    });
    const [found, byThresholds] = [decodeNeighbours(grey, SIZE), decodeMask(grey)];
    assert.ok(wrong(found, annotation) < wrong(byThresholds, annotation) / 2, `seed ${seed}`);
    assert.ok(unlike(found) < 1.5 * unlike(annotation), `seed ${seed}`);
  }
});

test("does not look beyond the end of a row", () => {
  // A tumour at the right edge, and nothing at the left of the next rows.
  const annotation = Uint8Array.from({ length: SIZE * SIZE }, (_, i) =>
    i % SIZE > 56 && i > 640 && i < 1600 ? 2 : 0,
  );
  const found = decodeNeighbours(encodeMask(annotation), SIZE);
  assert.ok(found.every((k, i) => k === 0 || i % SIZE > 32));
  assert.is(found[20 * SIZE + 63], 2);
});

test.run();
