import { withGradient } from "../../backend/custom-gradient";
import * as tf from "../../backend/tf";

/**
 * Doubles height and width by repeating pixels. Its gradient is the sum over each 2x2 block.
 *
 * @param x [N, H, W, C]. @returns [N, 2H, 2W, C].
 */
export function upsampleNearest(x: tf.Tensor4D): tf.Tensor4D {
  const [samples, height, width, channels] = x.shape;
  return withGradient(
    [x],
    () => {
      const rows = x.reshape([samples * height, 1, width, 1, channels]);
      const value = rows
        .tile([1, 2, 1, 2, 1])
        .reshape<tf.Tensor4D>([samples, 2 * height, 2 * width, channels]);
      return { value, saved: [] };
    },
    (dy) => [
      dy
        .reshape([samples * height, 2, width, 2, channels])
        .sum(3)
        .sum(1)
        .reshape(x.shape),
    ],
  );
}
