import * as tf from "../../backend/tf";
import type { Params } from "../params";
import { addBias } from "./bias";

/** What a fully connected layer with equalized learning rate looks like. */
export interface EqualizedDenseConfig {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Factor on the weights beside 1 / sqrt(inFeatures); default 1. */
  readonly gain?: number;
  /** Factor on the bias beside the learning rate multiplier; default 1. */
  readonly biasGain?: number;
  /** Slows the layer's training: stored weights are larger by its inverse; default 1. */
  readonly learningRateMultiplier?: number;
  /** Default true. */
  readonly bias?: boolean;
  /** The bias as stored at first; default 0. */
  readonly initialBias?: number;
}

/**
 * Fully connected layer whose weights are stored at unit variance and scaled when used, so that all layers
 * learn at the same speed under Adam.
 *
 * @see Karras et al. 2018, arXiv 1710.10196, section 4.1.
 */
export class EqualizedDense {
  private readonly kernel: tf.Variable<tf.Rank.R2>; // [F, K]
  private readonly bias: tf.Variable<tf.Rank.R1> | undefined; // [K]
  private readonly kernelGain: number;
  private readonly biasGain: number;

  constructor(params: Params, config: EqualizedDenseConfig) {
    const { inFeatures, outFeatures, gain = 1, biasGain = 1, learningRateMultiplier = 1 } = config;
    this.kernel = params.normal<tf.Rank.R2>("kernel", [inFeatures, outFeatures], 1 / learningRateMultiplier);
    if (config.bias !== false)
      this.bias = params.fill<tf.Rank.R1>("bias", [outFeatures], config.initialBias ?? 0);
    this.kernelGain = (gain * learningRateMultiplier) / Math.sqrt(inFeatures);
    this.biasGain = biasGain * learningRateMultiplier;
  }

  /** @param x [N, F]. @returns [N, K]. */
  apply(x: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => {
      const y = tf.matMul<tf.Tensor2D>(x, scaled(this.kernel, this.kernelGain)); // [N, K]
      return this.bias === undefined ? y : y.add<tf.Tensor2D>(scaled(this.bias, this.biasGain));
    });
  }
}

/** What a convolution with equalized learning rate looks like. */
export interface EqualizedConv2dConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Side of the square kernel, odd; 3 where the layer resamples. */
  readonly kernelSize: number;
  /** Factor on the weights beside 1 / sqrt(fan in); default 1. */
  readonly gain?: number;
  /** Default true. */
  readonly bias?: boolean;
  /**
   * "up" enlarges by repeating pixels before the convolution, "down" averages 2x2 pixels after it; both as
   * one convolution of stride 2 with a kernel of side 4, which does less than half of the work. Default "none".
   */
  readonly resampling?: "none" | "up" | "down";
}

/** Convolution, padded to keep the size, whose weights are stored at unit variance and scaled when used. */
export class EqualizedConv2d {
  /** [k, k, C, K]; where the layer enlarges [3, 3, K, C], as transposed convolutions have it. */
  private readonly kernel: tf.Variable<tf.Rank.R4>;
  private readonly bias: tf.Variable<tf.Rank.R1> | undefined; // [K]
  private readonly gain: number;
  private readonly spread: tf.Tensor2D | undefined; // [16, 9]

  constructor(
    params: Params,
    private readonly config: EqualizedConv2dConfig,
  ) {
    const { inChannels, outChannels, kernelSize: side, gain = 1, resampling = "none" } = config;
    if (resampling !== "none" && side !== 3)
      throw new RangeError("a layer that resamples has kernels of side 3");
    const ends: [number, number] =
      resampling === "up" ? [outChannels, inChannels] : [inChannels, outChannels];
    this.kernel = params.normal<tf.Rank.R4>("kernel", [side, side, ...ends]);
    if (config.bias !== false) this.bias = params.fill<tf.Rank.R1>("bias", [outChannels], 0);
    this.gain = gain / Math.sqrt(side ** 2 * inChannels);
    if (resampling !== "none") {
      const factor = resampling === "down" ? this.gain / 4 : this.gain;
      this.spread = params.constant(() => spreadingMatrix().mul<tf.Tensor2D>(factor));
    }
  }

  /** @param x [N, H, W, C]. @returns [N, H', W', K], H' being H, 2H or H / 2. */
  apply(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const y = this.convolve(x);
      return this.bias === undefined ? y : addBias(y, this.bias);
    });
  }

  private convolve(x: tf.Tensor4D): tf.Tensor4D {
    const { spread } = this;
    if (spread === undefined) return tf.conv2d(x, scaled(this.kernel, this.gain), 1, "same");
    const [, , first, second] = this.kernel.shape;
    const kernel = spread
      .matMul(this.kernel.reshape([9, first * second]))
      .reshape<tf.Tensor4D>([4, 4, first, second]);
    if (this.config.resampling === "down") return tf.conv2d(x, kernel, 2, "same");
    const [samples, height, width] = x.shape;
    return tf.conv2dTranspose(x, kernel, [samples, 2 * height, 2 * width, first], 2, "same");
  }
}

/** A variable times its gain; itself where that is 1, to save an operation. */
function scaled<R extends tf.Rank>(variable: tf.Variable<R>, gain: number): tf.Tensor<R> {
  return gain === 1 ? variable : variable.mul<tf.Tensor<R>>(gain);
}

/** Turns a 3x3 kernel into the 4x4 kernel of the sum over 2x2 shifts of it, [16, 9]. */
function spreadingMatrix(): tf.Tensor2D {
  const member = (to: number, from: number) => (to === from || to === from + 1 ? 1 : 0);
  const values = Float32Array.from({ length: 16 * 9 }, (_, i) => {
    const [to, from] = [Math.floor(i / 9), i % 9];
    return member(Math.floor(to / 4), Math.floor(from / 3)) * member(to % 4, from % 3);
  });
  return tf.tensor2d(values, [16, 9]);
}
