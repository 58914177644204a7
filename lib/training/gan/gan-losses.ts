import type { Rng } from "../../backend/rng";
import * as tf from "../../backend/tf";
import type { DiscriminateOptions, Discriminator, GenerateOptions, StyleGenerator } from "../../models/gan";
import { mixedStyles } from "../../models/layers/style-mixing";

/** Logits are [N, 1]; every loss is a mean over the batch. */

/**
 * Non-saturating logistic loss of the discriminator: -log sigmoid(real) - log(1 - sigmoid(fake)).
 *
 * @see Goodfellow et al. 2014, arXiv 1406.2661, section 3.
 */
export function logisticDiscriminatorLoss(real: tf.Tensor2D, fake: tf.Tensor2D): tf.Scalar {
  return tf.softplus(fake).mean().add<tf.Scalar>(tf.softplus(real.neg()).mean());
}

/** Non-saturating logistic loss of the generator: -log sigmoid(fake). */
export function logisticGeneratorLoss(fake: tf.Tensor2D): tf.Scalar {
  return tf.softplus(fake.neg()).mean<tf.Scalar>();
}

/**
 * Wasserstein loss of the discriminator, fake - real, with a pull of real logits to zero: + drift real^2.
 *
 * @see Karras et al. 2018, arXiv 1710.10196, appendix A.1.
 */
export function wassersteinDiscriminatorLoss(real: tf.Tensor2D, fake: tf.Tensor2D, drift: number): tf.Scalar {
  return fake.sub(real).add(real.square().mul(drift)).mean<tf.Scalar>();
}

/** Wasserstein loss of the generator: -fake. */
export function wassersteinGeneratorLoss(fake: tf.Tensor2D): tf.Scalar {
  return fake.neg().mean<tf.Scalar>();
}

/** Logits of a batch, and the gradient of each with respect to its own image; differentiable again. */
export function logitsAndGradients(
  discriminator: Discriminator,
  images: tf.Tensor4D,
  options: DiscriminateOptions,
): { readonly logits: tf.Tensor2D; readonly gradients: tf.Tensor4D } {
  // Each logit depends on its own image but for the minibatch statistics, which the references leave in as well.
  const { value, grad } = tf.valueAndGrad((x) => discriminator.apply(x as tf.Tensor4D, options))(images);
  return { logits: value, gradients: grad as tf.Tensor4D };
}

/**
 * The mean squared norm of the logits' gradients at real images (R1, without gamma / 2).
 *
 * @param gradients [N, H, W, C].
 * @see Mescheder et al. 2018, arXiv 1801.04406, equation 9.
 */
export function r1Penalty(gradients: tf.Tensor4D): tf.Scalar {
  return gradients.square().sum([1, 2, 3]).mean<tf.Scalar>();
}

/**
 * The mean squared distance of the gradients' norms from a target, between real and generated images, as a share
 * of the target squared (WGAN-GP, without lambda).
 *
 * @param factors The share of the generated image in each sample, [N, 1, 1, 1], uniform in [0, 1).
 * @see Gulrajani et al. 2017, arXiv 1704.00028, equation 3; Karras et al. 2018, arXiv 1710.10196, appendix A.1.
 */
export function gradientPenalty(
  discriminator: Discriminator,
  reals: tf.Tensor4D,
  fakes: tf.Tensor4D,
  factors: tf.Tensor4D,
  target: number,
  options: DiscriminateOptions,
): tf.Scalar {
  const mixed = reals.add<tf.Tensor4D>(fakes.sub(reals).mul(factors));
  const { gradients } = logitsAndGradients(discriminator, mixed, options);
  const norms = gradients.square().sum([1, 2, 3]).sqrt(); // [N]
  return norms
    .sub(target)
    .square()
    .mean()
    .div<tf.Scalar>(target ** 2);
}

/** Path length regularisation of one batch. */
export interface PathLengths {
  /** Mean squared distance of the lengths from their running mean. */
  readonly penalty: tf.Scalar;
  /** The running mean, moved towards this batch's. */
  readonly mean: tf.Scalar;
}

/**
 * Path length regularisation: a step in w shall change the image by the same amount wherever it is made and in
 * whichever direction.
 *
 * @param z [N, D].
 * @param options Of the generator's call; its `rng` draws noise inputs and mixing.
 * @param mean Running mean of the lengths; 0 at first.
 * @param decay Weight of the batch in the running mean.
 * @param rng Draws the images y of the products J^T y.
 * @see Karras et al. 2020, arXiv 1912.04958, section 3.2 and equation 4.
 */
export function pathLengths(
  generator: StyleGenerator,
  z: tf.Tensor2D,
  options: GenerateOptions,
  mean: tf.Scalar,
  decay: number,
  rng: Rng,
): PathLengths {
  const { resolution, imageChannels } = generator;
  const y = rng.normal<tf.Rank.R4>([z.shape[0], resolution, resolution, imageChannels]).div(resolution);
  const w = mixedStyles(generator, z, options); // [N, L, W]
  const gradients = tf.grad((styles) =>
    generator
      .synthesize(styles as tf.Tensor3D, options)
      .mul(y)
      .sum(),
  )(w);
  const lengths = gradients.square().sum(2).mean(1).sqrt(); // [N]
  const moved = mean.add<tf.Scalar>(lengths.mean().sub(mean).mul(decay));
  return { penalty: lengths.sub(moved).square().mean(), mean: moved };
}
