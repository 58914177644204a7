/** Largest side of the square that a spectrum is made of, pixels. */
const LARGEST_SIDE = 128;

/** The mean power of some images at each distance from the centre of their spectra. */
export interface RadialSpectrum {
  /** Spatial frequency of each entry, cycles a mm, from the first to the Nyquist frequency. */
  readonly cyclesPerMm: Float64Array;
  /** Mean power at that frequency; the spectrum of white noise of unit variance is 1 at each. */
  readonly power: Float64Array;
}

/** Side of the square for images of a given size: the largest power of two that fits, at most 128. */
export function spectrumSide(width: number, height: number): number {
  return 2 ** Math.floor(Math.log2(Math.min(width, height, LARGEST_SIDE)));
}

/** Frequencies of a spectrum of a side. */
export function spectrumFrequencies(side: number, pixelMm: number): Float64Array {
  return Float64Array.from({ length: side / 2 }, (_, k) => (k + 1) / (side * pixelMm));
}

/**
 * Power of an image by distance from the zero frequency. A Hann window takes the edges off, so that they do
 * not look like fine detail.
 *
 * @param image Values of zero mean, [side, side].
 * @param side A power of two.
 * @returns Mean power in rings of one pixel of the spectrum, [side / 2], from the first on.
 */
export function radialPower(image: Float32Array, side: number): Float64Array {
  const re = new Float64Array(side * side);
  const im = new Float64Array(side * side);
  const window = Float64Array.from(
    { length: side },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / side),
  );
  let energy = 0;
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const weight = (window[x] as number) * (window[y] as number);
      re[y * side + x] = weight * (image[y * side + x] as number);
      energy += weight * weight;
    }
  transformRows(re, im, side);
  transpose(re, side);
  transpose(im, side);
  transformRows(re, im, side);
  return ringMeans(re, im, side).map((power) => power / energy);
}

function ringMeans(re: Float64Array, im: Float64Array, side: number): Float64Array {
  const sums = new Float64Array(side / 2);
  const counts = new Float64Array(side / 2);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const radius = Math.round(Math.hypot(signed(x, side), signed(y, side)));
      if (radius < 1 || radius > side / 2) continue;
      const at = y * side + x;
      sums[radius - 1] = (sums[radius - 1] as number) + (re[at] as number) ** 2 + (im[at] as number) ** 2;
      counts[radius - 1] = (counts[radius - 1] as number) + 1;
    }
  return sums.map((sum, i) => sum / Math.max(1, counts[i] as number));
}

/** Position in a spectrum as a frequency of either sign. */
function signed(index: number, side: number): number {
  return index <= side / 2 ? index : index - side;
}

/** Fourier transform of each row in place (Cooley and Tukey, radix 2). */
function transformRows(re: Float64Array, im: Float64Array, side: number): void {
  for (let row = 0; row < side; row++)
    transform(re.subarray(row * side, (row + 1) * side), im.subarray(row * side, (row + 1) * side));
}

function transform(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      swap(re, i, j);
      swap(im, i, j);
    }
  }
  for (let length = 2; length <= n; length *= 2) {
    const half = length / 2;
    for (let k = 0; k < half; k++) {
      const [c, s] = [Math.cos((-2 * Math.PI * k) / length), Math.sin((-2 * Math.PI * k) / length)];
      for (let i = k; i < n; i += length) {
        const j = i + half;
        const [pr, pi] = [re[j] as number, im[j] as number];
        const [tr, ti] = [pr * c - pi * s, pr * s + pi * c];
        re[j] = (re[i] as number) - tr;
        im[j] = (im[i] as number) - ti;
        re[i] = (re[i] as number) + tr;
        im[i] = (im[i] as number) + ti;
      }
    }
  }
}

function transpose(values: Float64Array, side: number): void {
  for (let y = 0; y < side; y++) for (let x = 0; x < y; x++) swap(values, y * side + x, x * side + y);
}

function swap(values: Float64Array, i: number, j: number): void {
  const kept = values[i] as number;
  values[i] = values[j] as number;
  values[j] = kept;
}
