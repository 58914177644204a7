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
  return blurLines(blurLines(plane, size, kernel, "rows"), size, kernel, "columns");
}

function blurLines(
  plane: Float32Array,
  size: number,
  kernel: Float64Array,
  along: "rows" | "columns",
): Float32Array {
  const radius = (kernel.length - 1) / 2;
  const [line, step] = along === "rows" ? [size, 1] : [1, size];
  const blurred = new Float32Array(plane.length);
  const padded = new Float64Array(size + 2 * radius);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < padded.length; k++)
      padded[k] = plane[i * line + reflected(k - radius, size) * step] as number;
    for (let at = 0; at < size; at++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += (kernel[k] as number) * (padded[at + k] as number);
      blurred[i * line + at * step] = sum;
    }
  }
  return blurred;
}

/** A position in a line that is mirrored about its ends: 1 0 | 0 1 2 | 2 1. */
function reflected(position: number, length: number): number {
  const within = ((position % (2 * length)) + 2 * length) % (2 * length);
  return within < length ? within : 2 * length - 1 - within;
}
