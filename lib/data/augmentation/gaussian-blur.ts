/** Standard deviations at which the kernel ends, as in scipy. */
const TRUNCATE = 4;

/**
 * A square plane blurred by a Gaussian; at its edge it is mirrored, the edge pixels included.
 *
 * @param sigma Standard deviation in pixels.
 * @see scipy.ndimage.gaussian_filter.
 */
export function gaussianBlur(plane: Float32Array, size: number, sigma: number): Float32Array {
  const radius = Math.floor(TRUNCATE * sigma + 0.5);
  const raw = Float64Array.from({ length: 2 * radius + 1 }, (_, k) =>
    Math.exp(-((k - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = raw.reduce((a, b) => a + b, 0);
  const kernel = raw.map((weight) => weight / sum);
  return blurColumns(blurRows(plane, size, kernel), size, kernel);
}

function blurRows(plane: Float32Array, size: number, kernel: Float64Array): Float32Array {
  const radius = (kernel.length - 1) / 2;
  const blurred = new Float32Array(plane.length);
  const padded = new Float64Array(size + 2 * radius);
  for (let start = 0; start < plane.length; start += size) {
    padded.set(plane.subarray(start, start + size), radius);
    for (let k = 1; k <= radius; k++) {
      padded[radius - k] = plane[start + reflected(-k, size)] as number;
      padded[radius + size - 1 + k] = plane[start + reflected(size - 1 + k, size)] as number;
    }
    for (let at = 0; at < size; at++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += (kernel[k] as number) * (padded[at + k] as number);
      blurred[start + at] = sum;
    }
  }
  return blurred;
}

/** Rows are added up whole, so that memory is read in its order. */
function blurColumns(plane: Float32Array, size: number, kernel: Float64Array): Float32Array {
  const radius = (kernel.length - 1) / 2;
  const blurred = new Float32Array(plane.length);
  const sums = new Float64Array(size);
  for (let row = 0; row < size; row++) {
    sums.fill(0);
    for (let k = 0; k < kernel.length; k++) {
      const [weight, start] = [kernel[k] as number, reflected(row - radius + k, size) * size];
      for (let i = 0; i < size; i++) sums[i] = (sums[i] as number) + weight * (plane[start + i] as number);
    }
    blurred.set(sums, row * size);
  }
  return blurred;
}

/** A position in a line that is mirrored about its ends: 1 0 | 0 1 2 | 2 1. */
function reflected(position: number, length: number): number {
  const within = ((position % (2 * length)) + 2 * length) % (2 * length);
  return within < length ? within : 2 * length - 1 - within;
}
