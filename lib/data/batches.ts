import type { Rng } from "../backend/rng";
import * as tf from "../backend/tf";
import { MASK_CHANNEL, SEQUENCES, SLICE_CHANNELS } from "../shape";
import { decodeMask } from "./mask-code";
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
export function imagesToTensor(
  set: Pick<SliceSet, "size" | "images">,
  indices: ArrayLike<number>,
): tf.Tensor4D {
  const { size, images } = set;
  const values = networkValues(set, indices);
  if (images.length % (size * size * SLICE_CHANNELS) !== 0) throw new RangeError("images of a wrong length");
  return tf.tensor4d(values, [indices.length, size, size, SLICE_CHANNELS]);
}

/** The values of imagesToTensor without a tensor. */
export function networkValues(
  { size, images }: Pick<SliceSet, "size" | "images">,
  indices: ArrayLike<number>,
): Float32Array {
  const pixels = size * size * SLICE_CHANNELS;
  const values = new Float32Array(indices.length * pixels);
  for (let n = 0, to = 0; n < indices.length; n++) {
    const from = sliceStart(images, indices, n, pixels);
    for (let i = from; i < from + pixels; i++) values[to++] = NETWORK_VALUE[images[i] as number] as number;
  }
  return values;
}

/** The four sequences as a segmenter reads them, [N, H, W, 4], grey values 0 to 255. */
export function sequencesToTensor(
  { size, images }: Pick<SliceSet, "size" | "images">,
  indices: ArrayLike<number>,
): tf.Tensor4D {
  const pixels = size * size * SLICE_CHANNELS;
  const values = new Float32Array(indices.length * size * size * SEQUENCES.length);
  for (let n = 0, to = 0; n < indices.length; n++) {
    const from = sliceStart(images, indices, n, pixels);
    for (let i = from; i < from + pixels; i += SLICE_CHANNELS)
      for (let channel = 0; channel < MASK_CHANNEL; channel++) values[to++] = images[i + channel] as number;
  }
  return tf.tensor4d(values, [indices.length, size, size, SEQUENCES.length]);
}

/** Class index 0 to 3 of each pixel, [N, H, W] flattened. */
export function masksOf(
  { size, images }: Pick<SliceSet, "size" | "images">,
  indices: ArrayLike<number>,
): Uint8Array {
  const pixels = size * size * SLICE_CHANNELS;
  const grey = new Uint8Array(indices.length * size * size);
  for (let n = 0, to = 0; n < indices.length; n++) {
    const from = sliceStart(images, indices, n, pixels);
    for (let i = from + MASK_CHANNEL; i < from + pixels; i += SLICE_CHANNELS)
      grey[to++] = images[i] as number;
  }
  return decodeMask(grey);
}

/** Pixels of a slice whose mask names a tumour class. */
export function tumourPixels(set: Pick<SliceSet, "size" | "images">, slice: number): number {
  return masksOf(set, [slice]).reduce((sum, tumourClass) => sum + (tumourClass > 0 ? 1 : 0), 0);
}

/** Where a slice begins. @throws RangeError if the set has no such slice. */
function sliceStart(images: Uint8Array, indices: ArrayLike<number>, n: number, pixels: number): number {
  const index = indices[n] ?? -1;
  if (!(index >= 0 && (index + 1) * pixels <= images.length))
    throw new RangeError(`slice ${index} does not exist`);
  return index * pixels;
}
