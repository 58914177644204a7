import { narrowConvolution } from "../../backend/narrow-convolution";
import { isNarrow, narrowBackend } from "../../backend/narrow-tensors";
import * as tf from "../../backend/tf";
import type { Params } from "../params";
import { addBias } from "./bias";

/** What a convolution looks like; all sizes in channels or pixels. */
export interface Conv2dConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Side of the square kernel; odd where the padding is "same". */
  readonly kernelSize: number;
  /** Default 1. */
  readonly stride?: number;
  /** "same" (default) puts kernelSize / 2 zeros on every side, as PyTorch does, whatever the stride. */
  readonly padding?: "same" | "valid";
  /** Default true. */
  readonly bias?: boolean;
  /** Factor on the initial kernel and bias; default 1. Zero for layers that start as the zero map. */
  readonly initialScale?: number;
}

/**
 * Two-dimensional convolution with the initial values of PyTorch's Conv2d: kernel and bias uniform in
 * +-1 / sqrt(fan in), the fan in being kernelSize^2 * inChannels.
 */
export class Conv2d {
  private readonly kernel: tf.Variable<tf.Rank.R4>; // [k, k, C, K]
  private readonly bias: tf.Variable<tf.Rank.R1> | undefined; // [K]

  constructor(
    params: Params,
    private readonly config: Conv2dConfig,
  ) {
    const { inChannels, outChannels, kernelSize, initialScale = 1 } = config;
    const limit = initialScale / Math.sqrt(kernelSize ** 2 * inChannels);
    this.kernel = params.uniform<tf.Rank.R4>(
      "kernel",
      [kernelSize, kernelSize, inChannels, outChannels],
      limit,
    );
    this.bias = config.bias === false ? undefined : params.uniform<tf.Rank.R1>("bias", [outChannels], limit);
  }

  /** @param x [N, H, W, C]. @returns [N, H', W', K]; H' = H where the padding is "same" and the stride 1. */
  apply(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const y = this.convolve(x); // [N, H', W', K]
      return this.bias === undefined ? y : addBias(y, this.bias);
    });
  }

  /** What `apply` adds to each channel, for layers that do it along with something else; [K]. */
  get addend(): tf.Tensor1D {
    if (this.bias === undefined) throw new Error("the convolution has no bias");
    return this.bias;
  }

  /** `apply` without the bias. @param narrowResult Whether the result may be in bfloat16, for a norm behind it. */
  convolve(x: tf.Tensor4D, narrowResult = false): tf.Tensor4D {
    const { kernelSize, stride = 1, padding = "same" } = this.config;
    const native = isNarrow(x) || narrowResult ? narrowBackend() : undefined;
    if (native !== undefined && (padding === "valid" || stride === 1))
      return narrowConvolution(native, x, this.kernel, { stride, padding, narrowResult });
    if (padding === "valid" || stride === 1) return tf.conv2d(x, this.kernel, stride, padding);
    // TensorFlow's "same" is not symmetric where the stride is above 1; PyTorch's is.
    const margin: [number, number] = [(kernelSize - 1) / 2, (kernelSize - 1) / 2];
    return tf.conv2d(tf.pad(x, [[0, 0], margin, margin, [0, 0]]), this.kernel, stride, "valid");
  }
}
