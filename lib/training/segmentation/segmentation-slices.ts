import { pixelsOf, type SliceSource } from "../../data/sharded-slices";
import { InputError } from "../../errors";

/** Slices by their number, as training and prediction read them. */
export interface SliceReader {
  /** H = W in pixels. */
  readonly size: number;
  readonly count: number;
  /** [H, W, 5]; good until the next call. @throws RangeError if there is no such slice. */
  pixels(n: number): Uint8Array;
}

/** The slices of a set. */
export function readerOf(source: SliceSource): SliceReader {
  return { size: source.size, count: source.count, pixels: (n) => pixelsOf(source, n) };
}

/**
 * Several sets as one in which each has about as many slices as the largest: smaller ones are repeated whole, as
 * the study repeats its real slices beside synthetic ones.
 *
 * @throws InputError if a set is empty, they differ in size, or there is none.
 */
export function balancedReader(sources: readonly SliceSource[]): SliceReader {
  const [first] = sources;
  if (first === undefined) throw new InputError("training slices", "there is no set of them");
  for (const { source, size, count } of sources) {
    if (count === 0) throw new InputError(source, "has no slice to train on");
    if (size !== first.size) throw new InputError(source, `is of size ${size}, expected ${first.size}`);
  }
  const most = Math.max(...sources.map(({ count }) => count));
  const starts: number[] = [];
  let count = 0;
  for (const source of sources) {
    starts.push(count);
    count += source.count * Math.ceil(most / source.count);
  }
  return {
    size: first.size,
    count,
    pixels: (n) => {
      const next = starts.findIndex((start) => start > n);
      const place = next < 0 ? starts.length - 1 : next - 1;
      const source = sources[place];
      if (source === undefined || n < 0 || n >= count) throw new RangeError(`slice ${n} does not exist`);
      return pixelsOf(source, (n - (starts[place] ?? 0)) % source.count);
    },
  };
}
