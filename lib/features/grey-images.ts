import * as tf from "../backend/tf";
import { SEQUENCES, SLICE_CHANNELS, type Sequence } from "../shape";
import type { SliceReader } from "../training/segmentation/segmentation-slices";

/**
 * One sequence of slices as networks for photographs take it: enlarged or reduced to a square by bilinear
 * interpolation without smoothing, as pytorch-fid does, and the same in red, green and blue.
 *
 * @param side Height and width of the result.
 * @returns Grey values in [0, 255], [N, side, side, 3].
 * @throws RangeError if a slice does not exist.
 */
export function greyImages(
  slices: SliceReader,
  indices: ArrayLike<number>,
  sequence: Sequence,
  side: number,
): tf.Tensor4D {
  const { size } = slices;
  const pixels = size * size;
  const channel = SEQUENCES.indexOf(sequence);
  const values = new Float32Array(indices.length * pixels);
  for (let n = 0; n < indices.length; n++) {
    const slice = slices.pixels(indices[n] ?? -1);
    for (let i = 0; i < pixels; i++) values[n * pixels + i] = slice[i * SLICE_CHANNELS + channel] as number;
  }
  return tf.tidy(() => {
    const grey = tf.tensor4d(values, [indices.length, size, size, 1]);
    const resized = size === side ? grey : tf.image.resizeBilinear(grey, [side, side], false, true);
    return tf.tile(resized, [1, 1, 1, 3]);
  });
}
