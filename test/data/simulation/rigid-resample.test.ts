import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { drawMisregistration, MISREGISTRATION } from "../../../lib/data/simulation/misregistration";
import { addMotionGhosts, MOTION } from "../../../lib/data/simulation/motion-ghosts";
import { NoiseSource } from "../../../lib/data/simulation/noise-source";
import { noiseKept, resampleRigid } from "../../../lib/data/simulation/rigid-resample";
import { rowExtents } from "../../../lib/data/simulation/row-extents";
import { near } from "../../near";

const test = suite("resampleRigid");
const size = [30, 32, 34] as const;
const box = { frame: { shape: size, spacingMm: 1 }, start: [0, 0, 0] as const, size };
const count = size[0] * size[1] * size[2];
const extents = rowExtents(box, new Uint8Array(count).fill(1));
const at = (x: number, y: number, z: number): number => x + size[0] * (y + size[1] * z);

function linear(a: number, b: number, c: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const x = i % size[0];
    const y = Math.floor(i / size[0]) % size[1];
    return a * x + b * y + c * Math.floor(i / (size[0] * size[1]));
  });
}

test("a shift of a linear image adds slope times shift, with or without blur", () => {
  const volume = linear(1, 2, 3);
  resampleRigid(volume, box, extents, { shiftMm: [0.5, -1.25, 2], turnRad: [0, 0, 0] }, 0.1);
  // 0.5 * 1 - 1.25 * 2 + 2 * 3 = 4
  near([volume[at(15, 15, 15)] ?? 0], [15 + 30 + 45 + 4], 1e-5);
});

test("a turn moves points by the cross product with their distance from the middle", () => {
  const volume = linear(0, 1, 0);
  resampleRigid(volume, box, extents, { shiftMm: [0, 0, 0], turnRad: [0, 0, 0.02] }, 0);
  // The middle is at x = 14.5; 10 voxels from it, y grows by 0.2.
  near([volume[at(24, 16, 16)] ?? 0], [16 + 0.02 * 9.5], 1e-4);
});

test("noise shrinks by the factor that is foretold", () => {
  const noise = new NoiseSource(Rng.fromSeed(4));
  const volume = Float32Array.from({ length: count }, () => noise.normal());
  resampleRigid(volume, box, extents, { shiftMm: [0, 0, 0], turnRad: [0, 0, 0] }, 0.1);
  let squares = 0;
  let voxels = 0;
  for (let z = 4; z < 30; z++)
    for (let y = 4; y < 28; y++)
      for (let x = 4; x < 26; x++, voxels++) squares += (volume[at(x, y, z)] ?? 0) ** 2;
  // One axis keeps 0.8^2 + 2 * 0.1^2 = 0.66 of the variance.
  near([noiseKept({ shiftMm: [0, 0, 0], turnRad: [0, 0, 0] }, 0.1)], [0.66 ** 1.5], 1e-9);
  near([Math.sqrt(squares / voxels)], [0.66 ** 1.5], 0.02);
});

test("sequences are misregistered by half a millimetre, the one that raters draw on is not", () => {
  const shifts = Array.from(
    { length: 400 },
    (_, i) => drawMisregistration(Rng.fromSeed(i), "flair").shiftMm[0],
  );
  const deviation = Math.sqrt(shifts.reduce((sum, mm) => sum + mm * mm, 0) / shifts.length);
  const { shiftMm, badShare, badFactor } = MISREGISTRATION;
  near([deviation], [shiftMm * Math.sqrt(1 - badShare + badShare * badFactor ** 2)], 0.1);
  assert.equal(drawMisregistration(Rng.fromSeed(1), "t1wGd").shiftMm, [0, 0, 0]);
});

test("few scans have ghosts, the others are left alone", () => {
  const plain = Float32Array.from({ length: count }, (_, i) => (i % size[0] === 15 ? 100 : 10));
  let ghosted = 0;
  for (let seed = 0; seed < 100; seed++) {
    const image = plain.slice();
    addMotionGhosts(Rng.fromSeed(seed), box, extents, image);
    if (image.some((value, i) => value !== plain[i])) ghosted++;
    assert.ok(image.every((value) => value >= 0 && value <= 140));
  }
  assert.ok(Math.abs(ghosted / 100 - MOTION.share) < 0.06, `${ghosted} of 100`);
});

test.run();
