import { withGradient } from "../../backend/custom-gradient";
import * as tf from "../../backend/tf";

/**
 * Feature maps known but for one positive factor a sample and channel: the features are `values` times
 * `scale`. The factor of a demodulation passes through leaky rectifiers and filters unchanged, so it is
 * carried along here and multiplied into the next layer's style, which saves passes over the images.
 */
export interface ScaledFeatures {
  /** [N, H, W, C]; N is 1 where all samples are the same. */
  readonly values: tf.Tensor4D;
  /** [N, C]; 1 where left out. */
  readonly scale?: tf.Tensor2D;
}

/** One number a sample and channel as a factor or summand of images: [N, C] to [N, 1, 1, C]. */
export function overPixels(numbers: tf.Tensor2D): tf.Tensor4D {
  const [samples, channels] = numbers.shape;
  return numbers.reshape([samples, 1, 1, channels]);
}

/** The features themselves, [N, H, W, C]. */
export function features({ values, scale }: ScaledFeatures): tf.Tensor4D {
  return scale === undefined ? values : scalePixels(values, scale);
}

/**
 * Images times one number a sample and channel. As the plain product, with fewer operations in its gradient.
 *
 * @param values [N, H, W, C], or [1, H, W, C] where all samples are the same. @param factor [N, C].
 */
export function scalePixels(values: tf.Tensor4D, factor: tf.Tensor2D): tf.Tensor4D {
  if (values.shape[0] !== factor.shape[0]) return values.mul(overPixels(factor));
  return withGradient<tf.Tensor4D>(
    [values, factor],
    () => ({ value: values.mul<tf.Tensor4D>(overPixels(factor)), saved: [values, factor] }),
    (dy, [x, s]) => {
      if (x === undefined || s === undefined) throw new Error("scaling of pixels saved no tensors");
      return [scalePixels(dy, s as tf.Tensor2D), dy.mul(x).sum([1, 2])];
    },
  );
}

/** The factor that modulates `values` by a style of the features, [N, C]. */
export function modulation(style: tf.Tensor2D, { scale }: ScaledFeatures): tf.Tensor2D {
  return scale === undefined ? style : style.mul(scale);
}

/** Mean square of the features over all samples, pixels and channels, a scalar. */
export function meanSquare({ values, scale }: ScaledFeatures): tf.Scalar {
  return tf.tidy(() => {
    const energy = values.square().mean<tf.Tensor2D>([1, 2]); // [N, C]
    return (scale === undefined ? energy : energy.mul(scale.square())).mean<tf.Scalar>();
  });
}
