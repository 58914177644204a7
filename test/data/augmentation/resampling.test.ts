import { suite } from "uvu";
import * as assert from "uvu/assert";
import { gaussianBlur } from "../../../lib/data/augmentation/gaussian-blur";
import { rotateCubic, rotateLinear, rotateNearest } from "../../../lib/data/augmentation/rotation";
import { fitCentre, zoomCubic, zoomedSize, zoomNearest } from "../../../lib/data/augmentation/zoom";
import { near } from "../../near";

const test = suite("resampling of planes");

const SIZE = 12;
const plane = Float32Array.from({ length: SIZE * SIZE }, (_, i) => ((i * 7919) % 251) / 2);

test("puts the cubic spline through the pixels", () => {
  near(zoomCubic(plane, [SIZE, SIZE], [SIZE, SIZE]), plane, 1e-6);
  near(rotateCubic(plane, SIZE, 0), plane, 1e-6);
});

test("has the cardinal spline's value half way beside an impulse", () => {
  // Coefficients sqrt(3) z^|k| with z = sqrt(3) - 2; basis 23/48 and 1/48 at distances 1/2 and 3/2.
  const impulse = new Float32Array(33);
  impulse[16] = 1;
  const z = Math.sqrt(3) - 2;
  const half = Math.sqrt(3) * (((1 + z) * 23) / 48 + (z + z * z) / 48);
  const fine = zoomCubic(impulse, [1, 33], [1, 65]);
  near([fine[32] ?? 0, fine[33] ?? 0, fine[31] ?? 0], [1, half, half], 1e-6);
});

test("follows a smooth function between its pixels up to the border", () => {
  const wave = (n: number) =>
    Float32Array.from({ length: n }, (_, i) => Math.cos((2 * Math.PI * i) / (n - 1)));
  near(zoomCubic(wave(33), [33, 1], [77, 1]), wave(77), 1e-4);
});

test("turns by a quarter counter-clockwise without loss, by every method", () => {
  // The pixel at the right of the centre comes from below it.
  const quarter = Float32Array.from({ length: SIZE * SIZE }, (_, i) => {
    const [row, column] = [Math.floor(i / SIZE), i % SIZE];
    return plane[column * SIZE + (SIZE - 1 - row)] ?? 0;
  });
  near(rotateCubic(plane, SIZE, 90), quarter, 1e-6);
  near(rotateLinear(plane, SIZE, 90), quarter, 1e-6);
  const labels = Uint8Array.from(plane, (value) => value % 4);
  assert.equal([...rotateNearest(labels, SIZE, 90, 9)], [...Uint8Array.from(quarter, (value) => value % 4)]);
});

test("resamples channels that lie side by side as it does each of them alone", () => {
  const other = plane.map((value, i) => (value * 31 + i) % 97);
  const both = Float32Array.from({ length: 2 * plane.length }, (_, i) =>
    i % 2 === 0 ? (plane[i / 2] ?? 0) : (other[(i - 1) / 2] ?? 0),
  );
  const channel = (pixels: Float32Array, c: number) => pixels.filter((_, i) => i % 2 === c);
  const [from, to] = [[SIZE, SIZE] as const, [SIZE + 3, SIZE - 2] as const];
  const turned = rotateCubic(both, SIZE, 17, 2);
  const zoomed = zoomCubic(both, from, to, 2);
  const fitted = fitCentre(zoomed, to, from, 0, 2);
  [plane, other].forEach((alone, c) => {
    assert.equal([...channel(turned, c)], [...rotateCubic(alone, SIZE, 17)]);
    assert.equal([...channel(zoomed, c)], [...zoomCubic(alone, from, to)]);
    assert.equal([...channel(fitted, c)], [...fitCentre(zoomCubic(alone, from, to), to, from, 0)]);
  });
});

test("leaves the corners empty after an eighth of a turn", () => {
  const ones = new Float32Array(SIZE * SIZE).fill(1);
  const labels = new Uint8Array(SIZE * SIZE).fill(2);
  const turned = rotateNearest(labels, SIZE, 45, 255);
  const linear = rotateLinear(ones, SIZE, 45);
  assert.is(turned[0], 255);
  assert.is(linear[0], 0);
  assert.is(turned[SIZE * 6 + 6], 2);
  turned.forEach((label, i) => {
    near([linear[i] ?? 0], [label === 2 ? 1 : 0], 1e-6);
  });
});

test("enlarges labels by the nearest and keeps the middle", () => {
  assert.equal(zoomedSize([240, 240], [0.9, 1.1]), [216, 264]);
  const labels = Uint8Array.of(1, 2, 3, 0);
  assert.equal([...zoomNearest(labels, [2, 2], [4, 4])], [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 0, 0, 3, 3, 0, 0]);
  const wide = Uint8Array.of(1, 2, 3, 4, 5, 6);
  assert.equal([...fitCentre(wide, [1, 6], [3, 4], 9)], [9, 9, 9, 9, 2, 3, 4, 5, 9, 9, 9, 9]);
});

test("blurs by a Gaussian that sums to 1 and mirrors the border", () => {
  near(
    gaussianBlur(new Float32Array(SIZE * SIZE).fill(3), SIZE, 0.8),
    new Float32Array(SIZE * SIZE).fill(3),
    1e-6,
  );
  const impulse = new Float32Array(SIZE * SIZE);
  impulse[6 * SIZE + 5] = 1;
  const blurred = gaussianBlur(impulse, SIZE, 1);
  const weights = [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((k) => Math.exp((-k * k) / 2));
  const sum = weights.reduce((a, b) => a + b);
  near(
    [blurred[6 * SIZE + 5] ?? 0, blurred[7 * SIZE + 3] ?? 0],
    [1 / sum ** 2, Math.exp(-2.5) / sum ** 2],
    1e-6,
  );
});

test.run();
