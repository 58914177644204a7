import * as tf from "../../backend/tf";
import type { Params } from "../params";
import { clampMagnitude, leakyRelu } from "./activation";
import { UpFirDn } from "./upfirdn";

/** What a convolution of StyleGAN 2's discriminator looks like. */
export interface FilteredConvConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Side of the square kernel, odd. */
  readonly kernelSize: number;
  /** With bias and leaky rectifier, whose gain is the root of 2; else a plain linear map. */
  readonly activate: boolean;
  /** Factor on the result; default 1. */
  readonly gain?: number;
  /** The result's largest magnitude, before `gain`; null for none. */
  readonly clamp: number | null;
  /** Halves the size of the images, after the low-pass filter of these taps. Default: keeps the size. */
  readonly halve?: { readonly taps: readonly number[]; readonly size: number };
}

/** Slope of the leaky rectifiers. */
const SLOPE = 0.2;

/**
 * Convolution with equalized learning rate, filtered before it is sampled at every other pixel.
 *
 * @see Karras et al. 2020, arXiv 1912.04958, appendix B.
 */
export class FilteredConv {
  private readonly kernel: tf.Variable<tf.Rank.R4>; // [k, k, C, K]
  private readonly bias: tf.Variable<tf.Rank.R1> | undefined; // [K]
  private readonly filter: UpFirDn | undefined;

  constructor(
    params: Params,
    private readonly config: FilteredConvConfig,
  ) {
    const { inChannels, outChannels, kernelSize, activate, halve } = config;
    this.kernel = params.normal<tf.Rank.R4>("kernel", [kernelSize, kernelSize, inChannels, outChannels]);
    if (activate) this.bias = params.fill<tf.Rank.R1>("bias", [outChannels], 0);
    if (halve !== undefined) this.filter = halvingFilter(params, config, halve);
  }

  /** @param x [N, H, W, C]. @returns [N, H', W', K], H' being H or H / 2. */
  apply(x: tf.Tensor4D): tf.Tensor4D {
    const { inChannels, kernelSize, gain = 1, clamp } = this.config;
    return tf.tidy(() => {
      // A positive factor on the result of a rectifier is one on what goes into it.
      const outputGain = this.bias === undefined ? gain : gain * Math.SQRT2;
      const kernel = this.kernel.mul<tf.Tensor4D>(outputGain / Math.sqrt(kernelSize ** 2 * inChannels));
      const y = this.convolve(x, kernel);
      if (this.bias === undefined) return y;
      const active = leakyRelu(y.add<tf.Tensor4D>(this.bias.mul(outputGain)), SLOPE);
      return clamp === null ? active : clampMagnitude(active, clamp * gain);
    });
  }

  private convolve(x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
    if (this.filter === undefined) return tf.conv2d(x, kernel, 1, "same");
    const filtered = this.filter.apply(x);
    // A kernel of one pixel reads only what is kept, so the filter has left out the rest.
    return this.config.kernelSize === 1
      ? tf.conv2d(filtered, kernel, 1, "valid")
      : tf.conv2d(filtered, kernel, 2, "valid");
  }
}

function halvingFilter(
  params: Params,
  { inChannels, kernelSize }: FilteredConvConfig,
  { taps, size }: { readonly taps: readonly number[]; readonly size: number },
): UpFirDn {
  const sum = taps.reduce((total, tap) => total + tap, 0);
  const margin = (kernelSize - 1) / 2;
  return new UpFirDn(params, {
    taps: taps.map((tap) => tap / sum),
    up: 1,
    down: kernelSize === 1 ? 2 : 1,
    padding: [margin + Math.floor((taps.length - 1) / 2), margin + Math.floor((taps.length - 2) / 2)],
    channels: inChannels,
    size,
  });
}
