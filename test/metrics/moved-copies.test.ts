import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import type { SliceSet } from "../../lib/data/slice-set";
import { bestMoved, movedCopies, type MovedCopies } from "../../lib/metrics/moved-copies";
import { SLICE_CHANNELS } from "../../lib/shape";
import { near } from "../near";

const test = suite("movedCopies");

test.before(async () => {
  await startBackend();
});

const SIDE = 12;
/** Black around the values, so that a shift loses nothing. */
const MARGIN = 2;
const T1W_GD = 1;

/** Slices of noise on T1w-Gd. */
function noise(count: number, seed: number): SliceSet {
  const images = new Uint8Array(count * SIDE * SIDE * SLICE_CHANNELS);
  const values = Rng.fromSeed(seed).uniforms(count * SIDE * SIDE);
  values.forEach((value, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE) % SIDE];
    if (Math.min(x, y) >= MARGIN && Math.max(x, y) < SIDE - MARGIN)
      images[i * SLICE_CHANNELS + T1W_GD] = 20 + Math.floor(200 * value);
  });
  return {
    ...{ size: SIDE, count, images, subjects: ["a"], subjectOf: new Int32Array(count) },
    ...{ z: new Int32Array(count), simulated: true, source: "noise" },
  };
}

/** The set with one slice that is another's, mirrored left to right if asked for and moved to the right. */
function withCopy(
  set: SliceSet,
  at: number,
  of: SliceSet,
  from: number,
  dx: number,
  flipped: boolean,
): SliceSet {
  const images = set.images.slice();
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const source = flipped ? SIDE - 1 - (x - dx) : x - dx;
      const value = source < 0 || source >= SIDE ? 0 : of.images[pixel(from, source, y)];
      images[pixel(at, x, y)] = value ?? 0;
    }
  return { ...set, images };
}

function pixel(slice: number, x: number, y: number): number {
  return ((slice * SIDE + y) * SIDE + x) * SLICE_CHANNELS + T1W_GD;
}

const training = noise(60, 1);
const heldOut = noise(50, 2);
const options = { sequence: "t1wGd", images: 50, reachPixels: 1 } as const;

function copiesIn(synthetic: SliceSet, images: number = options.images): MovedCopies {
  const found = (set: SliceSet) => bestMoved(set, training, { ...options, images });
  return movedCopies(found(synthetic), found(heldOut).r);
}

test("counts a copy, a moved copy and a mirrored one, and which of them are moved", () => {
  const strangers = noise(50, 3);
  const one = withCopy(strangers, 4, training, 7, 0, false);
  const two = withCopy(one, 9, training, 8, 1, false);
  const three = withCopy(two, 30, training, 20, 0, true);
  const [without, found] = [strangers, three].map((synthetic) => copiesIn(synthetic));
  assert.ok(without !== undefined && found !== undefined && found.images === 50);
  assert.ok(found.threshold < 0.9, `strangers correlate to ${found.threshold}`);
  // None of the three was above the threshold before.
  near([found.shareAbove - without.shareAbove], [3 / 50], 1e-12);
  near([found.shareMoved - without.shareMoved], [2 / 50], 1e-12);
});

test("takes no more images than asked for, at even steps", () => {
  // Every other slice is taken, so that the copy at place 5 is not seen and the one at place 6 is.
  const unseen = copiesIn(withCopy(noise(50, 3), 5, training, 7, 0, false), 25);
  const seen = copiesIn(withCopy(noise(50, 3), 6, training, 7, 0, false), 25);
  assert.is(seen.images, 25);
  near([seen.shareAbove - unseen.shareAbove], [1 / 25], 1e-12);
});

test("is not defined without an image that can be compared", () => {
  const black = { ...noise(3, 4), images: new Uint8Array(3 * SIDE * SIDE * SLICE_CHANNELS) };
  const found = copiesIn(black);
  assert.is(found.images, 0);
  assert.ok(Number.isNaN(found.shareAbove) && Number.isNaN(found.shareMoved));
});

test.run();
