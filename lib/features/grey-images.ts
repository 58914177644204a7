import * as tf from "../backend/tf";
import { SEQUENCES, SLICE_CHANNELS, type Sequence } from "../shape";
import type { SliceReader } from "../training/segmentation/segmentation-slices";

/**
 * One sequence of slices.
 *
 * @returns Grey values in [0, 255], [N, S, S, 1].
 * @throws RangeError if a slice does not exist.
 */
export function greyImages(slices: SliceReader, indices: ArrayLike<number>, sequence: Sequence): tf.Tensor4D {
  const { size } = slices;
  const pixels = size * size;
  const channel = SEQUENCES.indexOf(sequence);
  const values = new Float32Array(indices.length * pixels);
  for (let n = 0; n < indices.length; n++) {
    const slice = slices.pixels(indices[n] ?? -1);
    for (let i = 0; i < pixels; i++) values[n * pixels + i] = slice[i * SLICE_CHANNELS + channel] as number;
  }
  return tf.tensor4d(values, [indices.length, size, size, 1]);
}

/**
 * Grey images as networks for photographs take them: enlarged or reduced to a square by bilinear interpolation
 * without smoothing, as pytorch-fid does, and the same in red, green and blue.
 *
 * @param grey [N, S, S, 1]. @param side Height and width of the result. @returns [N, side, side, 3].
 */
export function asPhotographs(grey: tf.Tensor4D, side: number): tf.Tensor4D {
  return tf.tidy(() => {
    const resized = grey.shape[1] === side ? grey : tf.image.resizeBilinear(grey, [side, side], false, true);
    return tf.tile(resized, [1, 1, 1, 3]);
  });
}
