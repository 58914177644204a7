import { withGradient } from "../../backend/custom-gradient";
import type * as tf from "../../backend/tf";

/** As the reference implementations of progressive GAN and StyleGAN. */
const EPSILON = 1e-8;

/**
 * Scales the features of each pixel (or sample) to a mean square of one: x / sqrt(mean(x^2) + 1e-8) over the
 * last axis.
 *
 * @param x [..., C].
 * @see Karras et al. 2018, arXiv 1710.10196, section 4.2.
 */
export function pixelNorm<T extends tf.Tensor>(x: T): T {
  return withGradient<T>(
    [x],
    () => {
      const inverse = x.square().mean(-1, true).add(EPSILON).rsqrt(); // [..., 1]
      const value = x.mul<T>(inverse);
      return { value, saved: [value, inverse] };
    },
    (dy, [y, inverse]) => {
      if (!y || !inverse) throw new Error("pixel norm saved no tensors");
      return [dy.sub(y.mul(dy.mul(y).mean(-1, true))).mul(inverse)];
    },
  );
}
