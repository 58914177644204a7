import { splineCoefficients, splinePlaces, splineWeights } from "./cubic-spline";

/** Where pixels of a turned square come from: row = c r + s x + rowOffset, column = c x - s r + columnOffset. */
interface Turn {
  readonly c: number;
  readonly s: number;
  readonly rowOffset: number;
  readonly columnOffset: number;
}

/** @param degrees Counter-clockwise, about the centre. */
function turnBy(degrees: number, size: number): Turn {
  const angle = (degrees * Math.PI) / 180;
  const [c, s, centre] = [Math.cos(angle), Math.sin(angle), (size - 1) / 2];
  return { c, s, rowOffset: centre * (1 - c - s), columnOffset: centre * (1 - c + s) };
}

/**
 * Calls `visit` for each pixel of a turned square whose source lies within the square.
 *
 * @param visit Target pixel, and row and column of its source, fractions included.
 */
function forEachSource(
  size: number,
  degrees: number,
  visit: (target: number, row: number, column: number) => void,
): void {
  const { c, s, rowOffset, columnOffset } = turnBy(degrees, size);
  const last = size - 1;
  for (let r = 0, target = 0; r < size; r++)
    for (let x = 0; x < size; x++, target++) {
      const row = withinOrNaN(c * r + s * x + rowOffset, last);
      const column = withinOrNaN(c * x - s * r + columnOffset, last);
      if (row >= 0 && column >= 0) visit(target, row, column);
    }
}

/** A position in [0, last]; one that only rounding put outside counts as on the edge. */
function withinOrNaN(position: number, last: number): number {
  const within = Math.min(last, Math.max(0, position));
  return Math.abs(position - within) < 1e-9 ? within : Number.NaN;
}

/**
 * A square image turned counter-clockwise about its centre, cropped to its size, by cubic splines; 0 where
 * nothing was.
 *
 * @param pixels [H, W, C] flattened.
 * @see scipy.ndimage.rotate with reshape=False, which the study's code calls with its default order 3.
 */
export function rotateCubic(pixels: Float32Array, size: number, degrees: number, channels = 1): Float32Array {
  const source = splineCoefficients(pixels, size, size, channels);
  const turned = new Float32Array(pixels.length);
  const [down, across] = [new Float64Array(4), new Float64Array(4)];
  const [rows, columns] = [new Int32Array(4), new Int32Array(4)];
  forEachSource(size, degrees, (target, row, column) => {
    const [top, left] = [Math.floor(row), Math.floor(column)];
    splineWeights(row - top, down);
    splineWeights(column - left, across);
    splinePlaces(top, size, size * channels, rows);
    splinePlaces(left, size, channels, columns);
    const [w0, w1] = [across[0] as number, across[1] as number];
    const [w2, w3] = [across[2] as number, across[3] as number];
    const [c0, c1] = [columns[0] as number, columns[1] as number];
    const [c2, c3] = [columns[2] as number, columns[3] as number];
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0;
      for (let i = 0; i < 4; i++) {
        const at = (rows[i] as number) + channel;
        const line =
          w0 * (source[at + c0] as number) +
          w1 * (source[at + c1] as number) +
          w2 * (source[at + c2] as number) +
          w3 * (source[at + c3] as number);
        sum += (down[i] as number) * line;
      }
      turned[target * channels + channel] = sum;
    }
  });
  return turned;
}

/** A square plane turned as by rotateCubic, by the four nearest pixels. */
export function rotateLinear(plane: ArrayLike<number>, size: number, degrees: number): Float32Array {
  const turned = new Float32Array(size * size);
  forEachSource(size, degrees, (target, row, column) => {
    const [top, left] = [Math.min(Math.floor(row), size - 2), Math.min(Math.floor(column), size - 2)];
    const [down, across] = [row - top, column - left];
    const at = top * size + left;
    const upper = mix(plane[at] as number, plane[at + 1] as number, across);
    const lower = mix(plane[at + size] as number, plane[at + size + 1] as number, across);
    turned[target] = mix(upper, lower, down);
  });
  return turned;
}

/** Labels of a square turned as by rotateCubic, each of the nearest pixel. @param outside Where nothing was. */
export function rotateNearest(
  labels: Uint8Array,
  size: number,
  degrees: number,
  outside: number,
): Uint8Array {
  const turned = new Uint8Array(size * size).fill(outside);
  forEachSource(size, degrees, (target, row, column) => {
    turned[target] = labels[Math.floor(row + 0.5) * size + Math.floor(column + 0.5)] as number;
  });
  return turned;
}

function mix(a: number, b: number, share: number): number {
  return a + share * (b - a);
}
