import type { Rng } from "../../backend/rng";
import * as tf from "../../backend/tf";
import type { NoiseInput } from "../gan";
import type { Params } from "../params";
import { clampMagnitude, leakyRelu } from "./activation";
import { ModulatedConv } from "./modulated-convolution";
import { features, overPixels, type ScaledFeatures } from "./scaled-features";

/** What a layer of StyleGAN 2's generator looks like. */
export interface StyledConvConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Length of the network's styles. */
  readonly styleSize: number;
  /** Height and width of the result. */
  readonly resolution: number;
  /** Taps of the low-pass filter where the layer doubles the size; default: it keeps the size. */
  readonly double?: readonly number[];
  /** Whether there is a noise input. */
  readonly noise: boolean;
  /** Factor on the result; default 1. */
  readonly gain?: number;
  /** The result's largest magnitude, before `gain`; null for none. */
  readonly clamp: number | null;
}

/** Slope of the leaky rectifier. */
const SLOPE = 0.2;

/**
 * Modulated convolution 3x3, noise, bias and a leaky rectifier with gain sqrt(2). Noise and bias are divided
 * by the demodulation factor instead of multiplying the images by it: see `ScaledFeatures`.
 *
 * @see Karras et al. 2020, arXiv 1912.04958, section 2.
 */
export class StyledConv {
  private readonly conv: ModulatedConv;
  private readonly bias: tf.Variable<tf.Rank.R1>; // [K]
  private readonly noise: Noise | undefined;

  constructor(
    params: Params,
    private readonly config: StyledConvConfig,
  ) {
    const { inChannels, outChannels, styleSize, resolution, double } = config;
    this.conv = new ModulatedConv(params, {
      inChannels,
      outChannels,
      styleSize,
      kernelSize: 3,
      padding: double === undefined ? "same" : { taps: double, size: resolution / 2 },
    });
    if (config.noise) this.noise = new Noise(params, resolution);
    this.bias = params.fill<tf.Rank.R1>("bias", [outChannels], 0);
  }

  /** @param w As `unitStyles` gives it, [N, W]. @param rng Of this layer alone; needed for random noise. */
  apply(x: ScaledFeatures, w: tf.Tensor2D, noise: NoiseInput, rng: Rng | undefined): ScaledFeatures {
    const { gain = 1, clamp } = this.config;
    return tf.tidy(() => {
      const { values, norm } = this.conv.apply(x, w);
      const bias = norm.mul<tf.Tensor2D>(this.bias);
      const added = this.noise?.withBias(bias, norm, noise, rng) ?? overPixels(bias);
      const active = leakyRelu(values.add<tf.Tensor4D>(added), SLOPE);
      const scaled = { values: active, scale: tf.div<tf.Tensor2D>(gain * Math.SQRT2, norm) };
      return clamp === null ? scaled : { values: clampMagnitude(features(scaled), gain * clamp) };
    });
  }
}

/** One noise image for all channels, with one trained strength. */
class Noise {
  private readonly strength: tf.Variable<tf.Rank.R0>;
  private readonly image: tf.Variable<tf.Rank.R2>; // [H, W]

  constructor(
    params: Params,
    private readonly resolution: number,
  ) {
    this.strength = params.fill<tf.Rank.R0>("noiseStrength", [], 0);
    this.image = params.normalBuffer<tf.Rank.R2>("noise", [resolution, resolution]);
  }

  /**
   * Noise times strength times norm, plus bias: one matrix product a sample, [H W, 2] x [2, K].
   *
   * @param bias [N, K]. @param norm [N, K]. @returns [N, H, W, K]; undefined where there is no noise to add.
   */
  withBias(
    bias: tf.Tensor2D,
    norm: tf.Tensor2D,
    noise: NoiseInput,
    rng: Rng | undefined,
  ): tf.Tensor4D | undefined {
    if (noise === "none") return undefined;
    const [samples, channels] = norm.shape;
    const weights = tf.stack([norm.mul(this.strength), bias], 1) as tf.Tensor3D; // [N, 2, K]
    const withOnes = tf.pad3d(
      this.images(samples, noise, rng),
      [
        [0, 0],
        [0, 0],
        [0, 1],
      ],
      1,
    );
    return tf
      .matMul(withOnes, weights)
      .reshape<tf.Tensor4D>([samples, this.resolution, this.resolution, channels]);
  }

  /** [N or 1, H W, 1]. */
  private images(samples: number, noise: NoiseInput, rng: Rng | undefined): tf.Tensor3D {
    const pixels = this.resolution ** 2;
    if (noise === "constant") return this.image.reshape([1, pixels, 1]);
    if (typeof noise === "function") return noise(this.image).reshape([samples, pixels, 1]);
    if (rng === undefined) throw new Error("random noise needs random numbers");
    return rng.normal<tf.Rank.R3>([samples, pixels, 1]);
  }
}
