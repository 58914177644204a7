import { ZERO_TOKEN } from "../layers/token-order";

/** A grid of tokens, row by row. */
export interface Grid {
  readonly height: number;
  readonly width: number;
}

/** How a grid is cut into windows. */
export interface Windows {
  /** For each token of each window its place in the grid, or ZERO_TOKEN where the grid was enlarged. */
  readonly places: Int32Array;
  /** Number of windows of one grid. */
  readonly count: number;
  /**
   * For each token of each window the region that it may attend to: tokens that only a cyclic shift brought
   * together are in different ones. Undefined where all of a window may.
   */
  readonly regions: Int32Array | undefined;
}

/**
 * Cuts a grid, enlarged by zeros to whole windows at its right and bottom and shifted cyclically, into windows.
 *
 * @param side Side of a window. @param shift Tokens that the grid is moved up and left by.
 * @see Liu et al. 2021, arXiv 2103.14030, section 3.2, figure 4.
 */
export function cutWindows({ height, width }: Grid, side: number, shift: number): Windows {
  const [tall, wide] = [height, width].map((size) => Math.ceil(size / side) * side) as [number, number];
  const [down, across] = [tall / side, wide / side];
  const places = new Int32Array(tall * wide);
  const regions = new Int32Array(tall * wide);
  let i = 0;
  for (let window = 0; window < down * across; window++) {
    const [top, left] = [Math.floor(window / across) * side, (window % across) * side];
    for (let y = top; y < top + side; y++)
      for (let x = left; x < left + side; x++, i++) {
        const [row, column] = [(y + shift) % tall, (x + shift) % wide];
        places[i] = row < height && column < width ? row * width + column : ZERO_TOKEN;
        regions[i] = 3 * region(y, tall, side, shift) + region(x, wide, side, shift);
      }
  }
  return { places, count: down * across, regions: shift > 0 ? regions : undefined };
}

/** 0 before the last window, 1 in its part that was there before the shift, 2 in what came round. */
function region(position: number, size: number, side: number, shift: number): number {
  if (position < size - side) return 0;
  return position < size - shift ? 1 : 2;
}

/** What is added to the attention of two tokens of different regions, as in the reference. */
const APART = -100;

/** The mask of every window, [count, T, T] flattened, T = side^2; undefined where there is none. */
export function windowMask({ regions, count }: Windows): Float32Array | undefined {
  if (regions === undefined) return undefined;
  const tokens = regions.length / count;
  const mask = new Float32Array(count * tokens * tokens);
  let i = 0;
  for (let window = 0; window < count; window++)
    for (let a = 0; a < tokens; a++)
      for (let b = 0; b < tokens; b++, i++)
        if (regions[window * tokens + a] !== regions[window * tokens + b]) mask[i] = APART;
  return mask;
}

/** For each pair of tokens of a window the row of the bias table for their offset, [T, T] flattened. */
export function relativePositions(side: number): Int32Array {
  const tokens = side * side;
  return Int32Array.from({ length: tokens * tokens }, (_, pair) => {
    const [a, b] = [Math.floor(pair / tokens), pair % tokens];
    const rows = Math.floor(a / side) - Math.floor(b / side) + side - 1;
    const columns = (a % side) - (b % side) + side - 1;
    return rows * (2 * side - 1) + columns;
  });
}

/**
 * For patch merging: the four tokens of each 2x2 block one after another, by columns, as in the reference; a
 * grid of odd size is enlarged by zeros.
 */
export function blockPlaces({ height, width }: Grid): Int32Array {
  const [tall, wide] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  return Int32Array.from({ length: 4 * tall * wide }, (_, i) => {
    const [block, part] = [Math.floor(i / 4), i % 4];
    const row = 2 * Math.floor(block / wide) + (part % 2);
    const column = 2 * (block % wide) + Math.floor(part / 2);
    return row < height && column < width ? row * width + column : ZERO_TOKEN;
  });
}
