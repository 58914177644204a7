import { besselI0, besselJ1 } from "./bessel";

/** What a low-pass filter shall do; frequencies in cycles a unit of length. */
export interface LowPassConfig {
  /** Length of the filter. */
  readonly taps: number;
  /** Frequency where half the amplitude is left. */
  readonly cutoff: number;
  /** Width of the band between pass and stop. */
  readonly width: number;
  /** Samples a unit of length. */
  readonly samplingRate: number;
}

/**
 * Low-pass filter along one axis: a sinc under a Kaiser window, of sum 1.
 *
 * @see Kaiser 1974; `scipy.signal.firwin` with `width`, to which it is equal.
 */
export function kaiserFilter(config: LowPassConfig): Float64Array {
  const { taps, cutoff, samplingRate } = config;
  const window = kaiserWindow(config);
  const relative = (2 * cutoff) / samplingRate;
  const filter = window.map((weight, i) => weight * relative * sinc(relative * (i - (taps - 1) / 2)));
  return normalized(filter);
}

/**
 * Low-pass filter over an image that treats all directions alike: a jinc under the product of two Kaiser
 * windows, row by row, [taps, taps], of sum 1. It cannot be split into two axes.
 *
 * @see Karras et al. 2021, arXiv 2106.12423, appendix C.
 */
export function radialFilter(config: LowPassConfig): Float64Array {
  const { taps, cutoff, samplingRate } = config;
  const window = kaiserWindow(config);
  const filter = new Float64Array(taps * taps);
  for (let row = 0; row < taps; row++) {
    for (let column = 0; column < taps; column++) {
      const radius = Math.hypot(row - (taps - 1) / 2, column - (taps - 1) / 2) / samplingRate;
      const weight = (window[row] as number) * (window[column] as number);
      filter[row * taps + column] = weight * jinc(radius, cutoff);
    }
  }
  return normalized(filter);
}

/** The window's shape parameter follows from the attenuation that so many taps reach at that width. */
function kaiserWindow({ taps, width, samplingRate }: LowPassConfig): Float64Array {
  const attenuation = 2.285 * (taps - 1) * Math.PI * ((2 * width) / samplingRate) + 7.95; // dB
  const beta = kaiserBeta(attenuation);
  const middle = (taps - 1) / 2;
  return Float64Array.from(
    { length: taps },
    (_, i) => besselI0(beta * Math.sqrt(1 - ((i - middle) / middle) ** 2)) / besselI0(beta),
  );
}

function kaiserBeta(attenuation: number): number {
  if (attenuation > 50) return 0.1102 * (attenuation - 8.7);
  if (attenuation > 21) return 0.5842 * (attenuation - 21) ** 0.4 + 0.07886 * (attenuation - 21);
  return 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** J1(2 pi cutoff r) / (pi r), whose value at the centre is cutoff. */
function jinc(radius: number, cutoff: number): number {
  return radius === 0 ? cutoff : besselJ1(2 * Math.PI * cutoff * radius) / (Math.PI * radius);
}

function normalized(filter: Float64Array): Float64Array {
  const sum = filter.reduce((total, value) => total + value, 0);
  return filter.map((value) => value / sum);
}
