import * as tf from "../backend/tf";
import { masksOf } from "../data/batches";
import type { SliceSet } from "../data/slice-set";
import type { UNetConfig } from "../models/unet";
import { inputSide, outputSide } from "../models/unet-size";
import { MASK_CHANNEL, SEQUENCES, SLICE_CHANNELS } from "../shape";
import { IGNORED_LABEL } from "./segmentation-loss";

type Pixels = Pick<SliceSet, "size" | "images">;

/**
 * Slices as the U-Net reads them, padded with zeros to a size that it can take: each sequence of each slice
 * minus its mean, over its standard deviation (of n - 1), both of the pixels other than the darkest value.
 * A sequence without two such pixels, or without spread, is only centred.
 *
 * The study divides grey values by 256 first, which this cancels.
 *
 * @returns [N, H', W', 4], H' = H where the network keeps sizes and can halve H.
 */
export function normalisedSequences(
  { size, images }: Pixels,
  indices: ArrayLike<number>,
  config: UNetConfig,
): tf.Tensor4D {
  const side = inputSide(config, size);
  const channels = SEQUENCES.length;
  const values = new Float32Array(indices.length * side * side * channels);
  const start = ((side - size) >> 1) * (side + 1) * channels; // the slice's first pixel in the padded one
  const slicePixels = size * size * SLICE_CHANNELS;
  for (let n = 0; n < indices.length; n++) {
    const from = (indices[n] ?? -1) * slicePixels;
    if (!(from >= 0 && from + slicePixels <= images.length))
      throw new RangeError(`slice ${indices[n]} does not exist`);
    const slice = images.subarray(from, from + slicePixels);
    const padded = values.subarray(n * side * side * channels, (n + 1) * side * side * channels);
    for (let channel = 0; channel < MASK_CHANNEL; channel++) {
      const table = normalisedGreys(slice, channel, side > size);
      if (side > size) for (let i = channel; i < padded.length; i += channels) padded[i] = table[0] as number;
      for (let row = 0; row < size; row++) {
        let to = start + row * side * channels + channel;
        let at = row * size * SLICE_CHANNELS + channel;
        for (let column = 0; column < size; column++, to += channels, at += SLICE_CHANNELS)
          padded[to] = table[slice[at] as number] as number;
      }
    }
  }
  return tf.tensor4d(values, [indices.length, side, side, channels]);
}

/** The normalised value of each of the 256 grey values in one channel of one slice. */
function normalisedGreys(slice: Uint8Array, channel: number, padded: boolean): Float32Array {
  const histogram = new Float64Array(256);
  for (let i = channel; i < slice.length; i += SLICE_CHANNELS)
    histogram[slice[i] as number] = (histogram[slice[i] as number] as number) + 1;
  const darkest = padded ? 0 : histogram.findIndex((count) => count > 0);
  let [count, sum, squares] = [0, 0, 0];
  for (let grey = darkest + 1; grey < 256; grey++) {
    const pixels = histogram[grey] as number;
    count += pixels;
    sum += pixels * grey;
    squares += pixels * grey * grey;
  }
  const mean = count > 0 ? sum / count : darkest;
  const variance = count > 1 ? (squares - count * mean * mean) / (count - 1) : 0;
  const deviation = variance > 1e-9 ? Math.sqrt(variance) : 1;
  return Float32Array.from({ length: 256 }, (_, grey) => (grey - mean) / deviation);
}

/**
 * Class indices of slices at the size of the network's output: IGNORED_LABEL around the slice.
 *
 * @returns [N, H', W'] flattened.
 */
export function paddedLabels(set: Pixels, indices: ArrayLike<number>, config: UNetConfig): Uint8Array {
  const { size } = set;
  const classes = masksOf(set, indices);
  const side = outputSide(config, inputSide(config, size));
  if (side === size) return classes;
  const labels = new Uint8Array(indices.length * side * side).fill(IGNORED_LABEL);
  const margin = (side - size) >> 1;
  for (let n = 0; n < indices.length; n++)
    for (let row = 0; row < size; row++) {
      const from = (n * size + row) * size;
      labels.set(classes.subarray(from, from + size), (n * side + row + margin) * side + margin);
    }
  return labels;
}
