import * as tf from "../../backend/tf";
import type { Params } from "../params";
import { addBias } from "./bias";

export interface FrozenConvConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Height and width of the kernel. */
  readonly kernel: readonly [number, number];
  /** Default 1. */
  readonly stride?: number;
  /** "same" (default) as TensorFlow has it: where the margin is odd, the larger part is below and right. */
  readonly padding?: "same" | "valid";
  /** One kernel a channel, which then stays by itself; default false. */
  readonly depthwise?: boolean;
  /** Added to the variance. */
  readonly epsilon: number;
}

/**
 * A convolution without bias and the batch norm after it, as trained networks compute them: by the running
 * statistics, so that the norm's slope can go into the kernel. Not for training.
 */
export class FrozenConv {
  private readonly kernel: tf.Variable<tf.Rank.R4>; // [h, w, C, K], depthwise [h, w, C, 1]
  private readonly gamma: tf.Variable<tf.Rank.R1>; // [K]
  private readonly beta: tf.Variable<tf.Rank.R1>; // [K]
  private readonly mean: tf.Variable<tf.Rank.R1>; // [K]
  private readonly variance: tf.Variable<tf.Rank.R1>; // [K]

  constructor(
    params: Params,
    private readonly config: FrozenConvConfig,
  ) {
    const { inChannels, outChannels, kernel, depthwise = false } = config;
    if (depthwise && inChannels !== outChannels)
      throw new RangeError(`a depthwise convolution keeps its ${inChannels} channels`);
    const outputs = depthwise ? 1 : outChannels;
    const fanIn = kernel[0] * kernel[1] * (depthwise ? 1 : inChannels);
    const shape: [number, number, number, number] = [...kernel, inChannels, outputs];
    this.kernel = params.normal<tf.Rank.R4>("kernel", shape, Math.sqrt(2 / fanIn));
    this.gamma = params.fill<tf.Rank.R1>("gamma", [outChannels], 1);
    this.beta = params.fill<tf.Rank.R1>("beta", [outChannels], 0);
    this.mean = params.fillBuffer<tf.Rank.R1>("mean", [outChannels], 0);
    this.variance = params.fillBuffer<tf.Rank.R1>("variance", [outChannels], 1);
  }

  /** @param x [N, H, W, C]. @returns [N, H', W', K]. */
  apply(x: tf.Tensor4D): tf.Tensor4D {
    const { stride = 1, padding = "same", depthwise = false, epsilon } = this.config;
    return tf.tidy(() => {
      const slope = this.variance.add(epsilon).rsqrt().mul<tf.Tensor1D>(this.gamma); // [K]
      const shift = this.beta.sub<tf.Tensor1D>(this.mean.mul(slope)); // [K]
      const kernel = this.kernel.mul<tf.Tensor4D>(depthwise ? slope.expandDims(1) : slope);
      const y = depthwise
        ? tf.depthwiseConv2d(x, kernel, stride, padding)
        : tf.conv2d(x, kernel, stride, padding);
      return addBias(y, shift);
    });
  }
}
