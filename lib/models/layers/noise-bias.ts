import type { Rng } from "../../backend/rng";
import * as tf from "../../backend/tf";
import type { NoiseInput } from "../gan";
import type { Params } from "../params";

/**
 * Adds a noise image with a trained strength for each channel, and a bias. Noise and bias are one matrix
 * product, [pixels, 2] x [2, K], so that the feature maps are read and written once.
 *
 * @see Karras et al. 2019, arXiv 1812.04948, section 2.
 */
export class NoiseBias {
  private readonly strength: tf.Variable<tf.Rank.R1>; // [K]
  private readonly bias: tf.Variable<tf.Rank.R1>; // [K]
  private readonly image: tf.Variable<tf.Rank.R4>; // [1, H, W, 1]

  constructor(
    params: Params,
    channels: number,
    private readonly resolution: number,
  ) {
    this.strength = params.fill<tf.Rank.R1>("noiseStrength", [channels], 0);
    this.bias = params.fill<tf.Rank.R1>("bias", [channels], 0);
    this.image = params.normalBuffer<tf.Rank.R4>("noise", [1, resolution, resolution, 1]);
  }

  /** @param x [N, H, W, K]. @param rng Of this layer alone; needed for random noise. @returns [N, H, W, K]. */
  apply(x: tf.Tensor4D, noise: NoiseInput, rng: Rng | undefined): tf.Tensor4D {
    const side = this.resolution;
    return tf.tidy(() => {
      const drawn = this.noiseImages(noise, x.shape[0], rng);
      const images = drawn.shape[0];
      const withOnes = tf.concat2d(
        [drawn.reshape<tf.Tensor2D>([-1, 1]), tf.ones([images * side ** 2, 1])],
        1,
      );
      const weights = tf.stack([this.strength, this.bias]); // [2, K]
      const added = withOnes.matMul(weights as tf.Tensor2D).reshape([images, side, side, -1]);
      return x.add<tf.Tensor4D>(added);
    });
  }

  /** [N or 1, H, W, 1]. */
  private noiseImages(noise: NoiseInput, samples: number, rng: Rng | undefined): tf.Tensor4D {
    if (noise === "constant") return this.image;
    if (noise === "none") return tf.zerosLike(this.image);
    if (typeof noise === "function")
      return noise(this.image).reshape([samples, this.resolution, this.resolution, 1]);
    if (rng === undefined) throw new Error("random noise needs random numbers");
    return rng.normal<tf.Rank.R4>([samples, this.resolution, this.resolution, 1]);
  }
}
