import * as tf from "../../backend/tf";
import type { MappingOptions } from "../gan";
import { leakyRelu } from "./activation";
import { broadcast } from "./broadcast";
import { EqualizedDense } from "./equalized";
import { pixelNorm } from "./pixel-norm";
import type { Params } from "../params";

/** The slope of the rectifiers of every network of this family. */
const SLOPE = 0.2;

/** A mapping network, from latents z to styles w. */
export interface MappingConfig {
  /** Length of z. */
  readonly latentSize: number;
  /** Length of w and of every layer between. */
  readonly styleSize: number;
  /** Fully connected layers; StyleGAN 1 and 2: 8, StyleGAN 3: 2. */
  readonly layers: number;
  /** Makes the mapping learn slower than the rest; 0.01 in all three. */
  readonly learningRateMultiplier: number;
  /** Weight of the old mean style in one update; StyleGAN 1: 0.995, 2 and 3: 0.998. */
  readonly meanDecay: number;
}

/**
 * Fully connected layers after a normalisation of z, the running mean of their result, and truncation.
 *
 * @see Karras et al. 2019, arXiv 1812.04948, section 2 and appendix B.
 */
export class MappingNetwork {
  private readonly layers: readonly EqualizedDense[];
  private readonly mean: tf.Variable<tf.Rank.R1>; // [W]

  /**
   * @param styles Number of styles that an image takes.
   * @param biasGain Factor on the biases: 1 in StyleGAN 1, where the rectifier's gain is in the weights alone;
   *   the root of 2 in StyleGAN 2 and 3, where it follows the rectifier.
   */
  constructor(
    params: Params,
    private readonly config: MappingConfig,
    private readonly styles: number,
    biasGain: number,
  ) {
    const { latentSize, styleSize, learningRateMultiplier } = config;
    this.layers = Array.from(
      { length: config.layers },
      (_, i) =>
        new EqualizedDense(params.scope(`dense${i}`), {
          inFeatures: i === 0 ? latentSize : styleSize,
          outFeatures: styleSize,
          gain: Math.SQRT2,
          biasGain,
          learningRateMultiplier,
        }),
    );
    this.mean = params.fillBuffer<tf.Rank.R1>("mean", [styleSize], 0);
  }

  /** @param z [N, D]. @returns The style of every layer, [N, L, W]: one style, truncated on some. */
  apply(z: tf.Tensor2D, options: MappingOptions = {}): tf.Tensor3D {
    return tf.tidy(() => {
      const w = this.layers.reduce((h, layer) => leakyRelu(layer.apply(h), SLOPE), pixelNorm(z)); // [N, W]
      if (options.updateAverages === true) this.moveMean(w);
      const [samples, size] = w.shape;
      const all = broadcast<tf.Rank.R3>(w.expandDims(1), [samples, this.styles, size]);
      return this.truncate(all, options);
    });
  }

  private truncate(w: tf.Tensor3D, { truncation }: MappingOptions): tf.Tensor3D {
    if (truncation === undefined || truncation.psi === 1) return w;
    const { psi, layers } = truncation;
    const factors = Array.from({ length: this.styles }, (_, i) => (i < (layers ?? this.styles) ? psi : 1));
    return w
      .sub(this.mean)
      .mul(tf.tensor3d(factors, [1, this.styles, 1]))
      .add<tf.Tensor3D>(this.mean);
  }

  private moveMean(w: tf.Tensor2D): void {
    const step = w
      .mean(0)
      .sub(this.mean)
      .mul(1 - this.config.meanDecay);
    this.mean.assign(this.mean.add(step));
  }
}
