import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import type { ImageRows } from "../../lib/metrics/image-rows";
import { bestPosedMatches, posed, poses } from "../../lib/metrics/posed-correlation";
import { near } from "../near";

const test = suite("bestPosedMatches");

test.before(async () => {
  await startBackend();
});

function rows(values: Float32Array, length: number): ImageRows {
  return {
    count: values.length / length,
    length,
    copy: (index, target, offset) => {
      target.set(values.subarray(index * length, (index + 1) * length), offset);
    },
  };
}

function read(source: ImageRows): number[] {
  const image = new Float32Array(source.length);
  source.copy(0, image, 0);
  return Array.from(image);
}

test("moves and flips an image as worked by hand", () => {
  const image = rows(Float32Array.of(1, 2, 3, 4, 5, 6), 6); // two rows of three
  assert.equal(read(posed(image, 3, { dx: 1, dy: 0, flipped: false })), [0, 1, 2, 0, 4, 5]);
  assert.equal(read(posed(image, 3, { dx: 0, dy: -1, flipped: false })), [4, 5, 6, 0, 0, 0]);
  assert.equal(read(posed(image, 3, { dx: 0, dy: 0, flipped: true })), [3, 2, 1, 6, 5, 4]);
  assert.equal(read(posed(image, 3, { dx: -1, dy: 1, flipped: true })), [0, 0, 0, 2, 1, 0]);
});

test("finds a mirrored copy that is moved by a pixel, and its pose", () => {
  // A margin of black keeps everything inside.
  const size = 12;
  const training = new Float32Array(20 * size * size);
  const noise = Rng.fromSeed(1).uniforms(training.length);
  training.forEach((_, i) => {
    const [x, y] = [i % size, Math.floor(i / size) % size];
    if (Math.min(x, y) >= 2 && Math.max(x, y) < size - 2) training[i] = 20 + 200 * (noise[i] ?? 0);
  });
  const references = rows(training, size * size);
  const original = rows(training.slice(7 * size * size, 8 * size * size), size * size);
  const copy = posed(original, size, { dx: 1, dy: -1, flipped: true });
  const found = bestPosedMatches(copy, references, "image", size, poses(1));
  near([found.r[0] ?? 0], [1], 1e-9);
  assert.is(found.index[0], 7);
  // Flipped first and then shifted: the way back mirrors the shift along x.
  assert.equal(found.pose[0], { dx: 1, dy: 1, flipped: true });
});

test("tries the unmoved image first, and each pose once", () => {
  const all = poses(1);
  assert.equal(all[0], { dx: 0, dy: 0, flipped: false });
  assert.is(new Set(all.map((pose) => JSON.stringify(pose))).size, 18);
});

test.run();
