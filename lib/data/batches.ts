import type { Rng } from "../backend/rng";
import * as tf from "../backend/tf";
import { MASK_CHANNEL, SEQUENCES, SLICE_CHANNELS } from "../shape";
import { CLASS_OF_BYTE } from "./mask-code";
import { pixelsOf, type SlicePixels } from "./sharded-slices";
import type { SliceSet } from "./slice-set";

/**
 * Which slices each step trains on: one epoch after the other, each in a random order of its own, without a
 * gap or repeat between them. A pure function of the step, so a resumed run needs no saved position.
 */
export class BatchSource {
  private epoch = -1;
  private order = new Uint32Array(0);

  /** @throws RangeError if the set is empty or the batch is. */
  constructor(
    private readonly set: Pick<SliceSet, "count">,
    private readonly rng: Rng,
    readonly batchSize: number,
  ) {
    if (set.count < 1) throw new RangeError("batches of an empty set");
    if (!(Number.isSafeInteger(batchSize) && batchSize >= 1)) throw new RangeError(`batch size ${batchSize}`);
  }

  /** @param step 0-based. @returns Indices of slices, [N]. */
  batchIndices(step: number): Int32Array {
    const { count } = this.set;
    return Int32Array.from({ length: this.batchSize }, (_, i) => {
      const position = step * this.batchSize + i;
      return this.orderOf(Math.floor(position / count))[position % count] ?? 0;
    });
  }

  private orderOf(epoch: number): Uint32Array {
    if (epoch !== this.epoch) {
      this.order = Uint32Array.from(this.rng.fork("epoch", epoch).permutation(this.set.count));
      this.epoch = epoch;
    }
    return this.order;
  }
}

/** Network value of each 8-bit value, v / 127.5 - 1. */
const NETWORK_VALUE = Float32Array.from({ length: 256 }, (_, v) => v / 127.5 - 1);

/** Slices as a network sees them: all five channels, [N, H, W, 5] in [-1, 1]. */
export function imagesToTensor(set: SlicePixels, indices: ArrayLike<number>): tf.Tensor4D {
  return tf.tensor4d(networkValues(set, indices), [indices.length, set.size, set.size, SLICE_CHANNELS]);
}

/** The values of imagesToTensor without a tensor. */
export function networkValues(set: SlicePixels, indices: ArrayLike<number>): Float32Array {
  const values = new Float32Array(indices.length * set.size * set.size * SLICE_CHANNELS);
  const pixelsPerSlice = values.length / indices.length;
  for (let n = 0; n < indices.length; n++) {
    const pixels = pixelsOf(set, indices[n] ?? -1);
    for (let i = 0, to = n * pixelsPerSlice; i < pixels.length; i++, to++)
      values[to] = NETWORK_VALUE[pixels[i] as number] as number;
  }
  return values;
}

/** The four sequences as a segmenter reads them, [N, H, W, 4], grey values 0 to 255. */
export function sequencesToTensor(set: SlicePixels, indices: ArrayLike<number>): tf.Tensor4D {
  const { size } = set;
  const values = new Float32Array(indices.length * size * size * SEQUENCES.length);
  for (let n = 0, to = 0; n < indices.length; n++) {
    const pixels = pixelsOf(set, indices[n] ?? -1);
    for (let i = 0; i < pixels.length; i += SLICE_CHANNELS)
      for (let channel = 0; channel < MASK_CHANNEL; channel++) values[to++] = pixels[i + channel] as number;
  }
  return tf.tensor4d(values, [indices.length, size, size, SEQUENCES.length]);
}

/** Class index 0 to 3 of each pixel, [N, H, W] flattened. */
export function masksOf(set: SlicePixels, indices: ArrayLike<number>): Uint8Array {
  const classes = new Uint8Array(indices.length * set.size * set.size);
  for (let n = 0, to = 0; n < indices.length; n++) {
    const pixels = pixelsOf(set, indices[n] ?? -1);
    for (let i = MASK_CHANNEL; i < pixels.length; i += SLICE_CHANNELS)
      classes[to++] = CLASS_OF_BYTE[pixels[i] as number] as number;
  }
  return classes;
}

/** Pixels of a slice whose mask names a tumour class. */
export function tumourPixels(set: SlicePixels, slice: number): number {
  const pixels = pixelsOf(set, slice);
  let count = 0;
  for (let i = MASK_CHANNEL; i < pixels.length; i += SLICE_CHANNELS)
    if ((CLASS_OF_BYTE[pixels[i] as number] as number) > 0) count++;
  return count;
}
