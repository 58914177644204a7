import { suite } from "uvu";
import * as assert from "uvu/assert";
import { besselI0, besselJ1 } from "../../../lib/models/layers/bessel";
import { kaiserFilter, radialFilter } from "../../../lib/models/layers/low-pass-filter";
import { near } from "../../near";

const test = suite("low-pass filters");

test("has the Bessel functions of tables", () => {
  // Abramowitz and Stegun, tables 9.8 (e^-x I0) and 9.1 (J1).
  near([besselI0(0), besselI0(1), besselI0(5)], [1, 1.2660658778, 27.239871824], 1e-10);
  near(
    [besselJ1(0), besselJ1(1), besselJ1(3), besselJ1(10), besselJ1(-1)],
    [0, 0.4400505857, 0.3390589585, 0.0434727462, -0.4400505857],
    1e-10,
  );
});

test("designs the filter that SciPy designs", () => {
  // scipy.signal.firwin(12, 4, width=6, fs=64): its window and its sinc; the filters of the reference case test the rest.
  const filter = kaiserFilter({ taps: 12, cutoff: 4, width: 6, samplingRate: 64 });
  near(filter, Array.from(filter).reverse(), 1e-12);
  assert.ok(Math.abs(filter.reduce((sum, tap) => sum + tap, 0) - 1) < 1e-12);
  // 2.285 * 11 * pi * 12 / 64 + 7.95 = 22.76 dB, beta 0.5842 * 1.756^0.4 + 0.07886 * 1.756 = 0.8703.
  const beta = 0.5842 * 1.7562 ** 0.4 + 0.07886 * 1.7562;
  const raw = (m: number) =>
    (Math.sin((Math.PI * m) / 8) / (Math.PI * m)) * besselI0(beta * Math.sqrt(1 - (m / 5.5) ** 2));
  near([(filter[0] ?? 0) / (filter[5] ?? 0)], [raw(5.5) / raw(0.5)], 1e-4);
});

test("falls to half its amplitude at the cutoff and stops beyond the band", () => {
  const config = { taps: 24, cutoff: 8, width: 8, samplingRate: 64 };
  const filter = kaiserFilter(config);
  const amplitude = (frequency: number) =>
    filter.reduce((sum, tap, i) => sum + tap * Math.cos((2 * Math.PI * frequency * (i - 11.5)) / 64), 0);
  near([amplitude(0), amplitude(8)], [1, 0.5], 0.02);
  for (const frequency of [14, 20, 26, 32]) assert.ok(Math.abs(amplitude(frequency)) < 0.03, `${frequency}`);
});

test("treats all directions alike where it is radial", () => {
  const config = { taps: 12, cutoff: 4, width: 8, samplingRate: 64 };
  const filter = radialFilter(config);
  const at = (row: number, column: number) => filter[12 * row + column] ?? Number.NaN;
  assert.is(filter.length, 144);
  near([filter.reduce((sum, tap) => sum + tap, 0)], [1], 1e-12);
  near(filter, Array.from(filter).reverse(), 1e-12);
  near([at(0, 3)], [at(3, 0)], 1e-12);
  // Unlike a product of two lines it has not the rank 1.
  assert.ok(Math.abs(at(0, 0) * at(5, 5) - at(0, 5) * at(5, 0)) > 1e-6);
});

test.run();
