import * as tf from "../../backend/tf";
import type { Params } from "../params";

/** What a fully connected layer looks like, in features. */
export interface DenseConfig {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Default true. */
  readonly bias?: boolean;
  /** Factor on the initial kernel and bias; default 1. Zero for layers that start as the zero map. */
  readonly initialScale?: number;
}

/** Fully connected layer with the initial values of PyTorch's Linear: uniform in +-1 / sqrt(inFeatures). */
export class Dense {
  private readonly kernel: tf.Variable<tf.Rank.R2>; // [F, K]
  private readonly bias: tf.Variable<tf.Rank.R1> | undefined; // [K]

  constructor(params: Params, config: DenseConfig) {
    const { inFeatures, outFeatures, initialScale = 1 } = config;
    const limit = initialScale / Math.sqrt(inFeatures);
    this.kernel = params.uniform<tf.Rank.R2>("kernel", [inFeatures, outFeatures], limit);
    this.bias = config.bias === false ? undefined : params.uniform<tf.Rank.R1>("bias", [outFeatures], limit);
  }

  /** @param x [N, F]. @returns [N, K]. */
  apply(x: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => {
      const y = tf.matMul<tf.Tensor2D>(x, this.kernel); // [N, K]
      return this.bias === undefined ? y : y.add<tf.Tensor2D>(this.bias);
    });
  }
}
