import * as tf from "../../backend/tf";
import type { Params } from "../params";
import type { EqualizedDense } from "./equalized";
import { kernelNorm, styleAffine } from "./modulated-convolution";
import { modulation, type ScaledFeatures } from "./scaled-features";

/** What a modulated map of single pixels looks like. */
export interface ModulatedPointwiseConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Length of the network's styles. */
  readonly styleSize: number;
  /** Whether each sample's kernel is brought to unit norm; else it is divided by sqrt(inChannels). */
  readonly demodulate: boolean;
}

/** Modulated convolution with a kernel of one pixel: one small matrix a sample, and no scaling of images. */
export class ModulatedPointwise {
  private readonly affine: EqualizedDense;
  private readonly kernel: tf.Variable<tf.Rank.R4>; // [1, 1, C, K]

  constructor(
    params: Params,
    private readonly config: ModulatedPointwiseConfig,
  ) {
    this.affine = styleAffine(params, config);
    this.kernel = params.normal<tf.Rank.R4>("kernel", [1, 1, config.inChannels, config.outChannels]);
  }

  /**
   * @param x Features [N, H, W, C].
   * @param w Styles as `unitStyles` gives them, [N, W].
   * @param gain Factor on all features, a scalar.
   * @returns [N, H, W, K].
   */
  apply(x: ScaledFeatures, w: tf.Tensor2D, gain?: tf.Tensor): tf.Tensor4D {
    return tf.tidy(() => {
      const { inChannels, outChannels } = this.config;
      const [, height, width] = x.values.shape;
      const style = this.affine.apply(w); // [N, C]
      const factor = modulation(style, x);
      const matrices = this.matrices(style, gain === undefined ? factor : factor.mul(gain)); // [N, C, K]
      const pixels = x.values.reshape<tf.Tensor3D>([-1, height * width, inChannels]);
      return tf.matMul(pixels, matrices).reshape<tf.Tensor4D>([-1, height, width, outChannels]);
    });
  }

  /** @param style [N, C]. @param factor What scales the input, [N, C]. */
  private matrices(style: tf.Tensor2D, factor: tf.Tensor2D): tf.Tensor3D {
    const { inChannels, outChannels, demodulate } = this.config;
    const kernel = this.kernel.reshape<tf.Tensor2D>([inChannels, outChannels]);
    if (!demodulate) return factor.div(Math.sqrt(inChannels)).expandDims(2).mul(kernel);
    const norm = kernelNorm(style, kernel.square());
    return factor.expandDims(2).mul(kernel).div(norm.expandDims(1));
  }
}
