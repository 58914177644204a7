import type * as tf from "../backend/tf";
import type { ImageRows } from "./image-rows";

/** Candidates kept from the fast products, among which double precision decides. */
export const CANDIDATES = 4;

/** How far two sums over a row of so many values in float32 may be apart by their rounding. */
export function roundingOf(length: number): number {
  return 2 * length * 2 ** -24;
}

/** A block of images on the backend. */
export interface Block {
  readonly count: number;
  readonly tensors: tf.NamedTensorMap;
}

export type Side = "query" | "reference";

/** Fast comparison of blocks of images, which leaves a few candidates of each query to double precision. */
export interface Screening<B extends Block> {
  /** @param buffer Memory for the images; free again once the block is disposed of. */
  read(source: ImageRows, first: number, count: number, side: Side, buffer?: Float32Array): B;
  /** Keeps the best references of each query. @param firstQuery Position of a block's first image in its source. */
  offer(candidates: Candidates, queries: B, firstQuery: number, references: B, firstReference: number): void;
}

/** Reads images one after another. @returns [count, F], row after row. */
export function readRows(
  source: ImageRows,
  first: number,
  count: number,
  buffer: Float32Array = new Float32Array(count * source.length),
): Float32Array {
  const { length } = source;
  for (let row = 0; row < count; row++) source.copy(first + row, buffer, row * length);
  return buffer.subarray(0, count * length);
}

/** The best few references of each query so far. */
export class Candidates {
  readonly index: Int32Array;
  readonly score: Float32Array;

  constructor(readonly count: number) {
    this.index = new Int32Array(count * CANDIDATES).fill(-1);
    this.score = new Float32Array(count * CANDIDATES).fill(-Infinity);
  }

  /** Puts a reference in its place among the best of a query, if it has one. */
  offer(query: number, reference: number, score: number): void {
    // Sums in float32 may carry a correlation a little below -1, never near what stands for none.
    if (!(score > -1.5)) return;
    let at = (query + 1) * CANDIDATES - 1;
    if (score <= (this.score[at] as number)) return;
    for (; at > query * CANDIDATES && score > (this.score[at - 1] as number); at--) {
      this.score[at] = this.score[at - 1] as number;
      this.index[at] = this.index[at - 1] as number;
    }
    this.score[at] = score;
    this.index[at] = reference;
  }

  /** Offers the best few of a block, [count, kept]: what they score, and their places in the block. */
  offerBlock(
    firstQuery: number,
    firstReference: number,
    kept: number,
    scores: ArrayLike<number>,
    places: ArrayLike<number>,
  ): void {
    for (let i = 0; i < scores.length; i++)
      this.offer(
        firstQuery + Math.floor(i / kept),
        firstReference + (places[i] as number),
        scores[i] as number,
      );
  }

  /** What another has to exceed to be kept and not be behind the best by more than `tolerance`, [count]. */
  floors(firstQuery: number, count: number, tolerance: number): Float32Array {
    return Float32Array.from({ length: count }, (_, i) => {
      const best = (firstQuery + i) * CANDIDATES;
      const last = this.score[best + CANDIDATES - 1] as number;
      return Math.max(last, (this.score[best] as number) - tolerance);
    });
  }
}
