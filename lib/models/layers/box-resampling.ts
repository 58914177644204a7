import { withGradient } from "../../backend/custom-gradient";
import * as tf from "../../backend/tf";

/**
 * Enlarges by repeating pixels. Its gradient is the sum over each block; both it and the average can be
 * differentiated any number of times, being each other's adjoint.
 *
 * @param x [N, H, W, C]. @param factor A whole number. @returns [N, factor H, factor W, C].
 */
export function upsampleNearest(x: tf.Tensor4D, factor = 2): tf.Tensor4D {
  if (factor === 1) return x;
  const [, height, width] = x.shape;
  return withGradient(
    [x],
    () => ({ value: tf.image.resizeNearestNeighbor(x, [factor * height, factor * width]), saved: [] }),
    (dy) => [averagePool(dy, factor).mul(factor ** 2)],
  );
}

/**
 * The mean over each block of pixels.
 *
 * @param x [N, H, W, C]. @param factor Divides H and W. @returns [N, H / factor, W / factor, C].
 */
export function averagePool(x: tf.Tensor4D, factor = 2): tf.Tensor4D {
  if (factor === 1) return x;
  return withGradient(
    [x],
    () => ({ value: tf.avgPool(x, factor, factor, "valid"), saved: [] }),
    (dy) => [upsampleNearest(dy.div<tf.Tensor4D>(factor ** 2), factor)],
  );
}
