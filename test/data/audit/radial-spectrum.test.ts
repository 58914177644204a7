import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { radialPower, spectrumFrequencies, spectrumSide } from "../../../lib/data/audit/radial-spectrum";
import { near } from "../../near";

const test = suite("radialPower");
const SIDE = 32;

test("puts a wave where its frequency is", () => {
  for (const [kx, ky] of [
    [5, 0],
    [0, 9],
    [3, 4],
  ] as const) {
    const wave = Float32Array.from({ length: SIDE ** 2 }, (_, i) =>
      Math.cos((2 * Math.PI * (kx * (i % SIDE) + ky * Math.floor(i / SIDE))) / SIDE),
    );
    const power = radialPower(wave, SIDE);
    assert.is(power.indexOf(Math.max(...power)), Math.hypot(kx, ky) - 1);
  }
});

test("equals the transform written out", () => {
  const side = 8;
  const image = Rng.fromSeed(1).normals(side ** 2);
  const hann = (i: number): number => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / side);
  const weight = (i: number): number => hann(i % side) * hann(Math.floor(i / side));
  let energy = 0;
  for (let i = 0; i < side ** 2; i++) energy += weight(i) ** 2;
  const sums = new Float64Array(side / 2);
  const counts = new Float64Array(side / 2);
  for (let u = -3; u <= 4; u++)
    for (let v = -3; v <= 4; v++) {
      const ring = Math.round(Math.hypot(u, v));
      if (ring < 1 || ring > 4) continue;
      let [re, im] = [0, 0];
      for (let i = 0; i < side ** 2; i++) {
        const phase = (2 * Math.PI * (u * (i % side) + v * Math.floor(i / side))) / side;
        re += weight(i) * (image[i] ?? 0) * Math.cos(phase);
        im += weight(i) * (image[i] ?? 0) * Math.sin(phase);
      }
      sums[ring - 1] = (sums[ring - 1] ?? 0) + (re ** 2 + im ** 2) / energy;
      counts[ring - 1] = (counts[ring - 1] ?? 0) + 1;
    }
  near(
    radialPower(Float32Array.from(image), side),
    sums.map((sum, i) => sum / (counts[i] ?? 1)),
    1e-6,
  );
});

test("is flat at 1 for white noise", () => {
  const mean = new Float64Array(SIDE / 2);
  for (let n = 0; n < 60; n++)
    radialPower(
      Rng.fromSeed(2)
        .fork(n)
        .normals(SIDE ** 2),
      SIDE,
    ).forEach((power, i) => (mean[i] = (mean[i] ?? 0) + power / 60));
  // Rings of few coefficients, at the low end, vary the most.
  near(mean.slice(4), new Float64Array(SIDE / 2 - 4).fill(1), 0.12);
});

test("takes the largest power of two that fits, and counts to the Nyquist frequency", () => {
  assert.equal([spectrumSide(240, 240), spectrumSide(48, 60)], [128, 32]);
  near([...spectrumFrequencies(128, 1)].slice(-1), [0.5], 1e-12);
});

test.run();
