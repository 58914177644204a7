import * as tf from "../../backend/tf";
import type { Params } from "../params";

/** Standard deviation of the initial kernels of transformers. */
const INITIAL_DEVIATION = 0.02;

/** Fully connected layer over the features of tokens: kernel from N(0, 0.02^2), bias zero. */
export class Linear {
  private readonly kernel: tf.Variable<tf.Rank.R2>; // [F, K]
  private readonly bias: tf.Variable<tf.Rank.R1> | undefined; // [K]

  constructor(params: Params, inFeatures: number, outFeatures: number, bias = true) {
    this.kernel = params.normal<tf.Rank.R2>("kernel", [inFeatures, outFeatures], INITIAL_DEVIATION);
    this.bias = bias ? params.fill<tf.Rank.R1>("bias", [outFeatures], 0) : undefined;
  }

  /** @param x [N, L, F]. @returns [N, L, K]. */
  apply(x: tf.Tensor3D): tf.Tensor3D {
    const [samples, tokens, features] = x.shape;
    const rows = x.reshape<tf.Tensor2D>([samples * tokens, features]).matMul(this.kernel);
    const y = this.bias === undefined ? rows : rows.add(this.bias);
    return y.reshape([samples, tokens, this.kernel.shape[1]]);
  }
}
