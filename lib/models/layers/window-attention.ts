import * as tf from "../../backend/tf";
import type { Params } from "../params";
import { relativePositions } from "../swin/swin-windows";
import { gatherRows, type WeightedRows } from "./bilinear-gather";
import { Linear } from "./linear";

export interface WindowAttentionConfig {
  readonly features: number;
  readonly heads: number;
  /** Side of a window in tokens. */
  readonly windowSize: number;
}

/**
 * Self-attention within windows with a trained bias for each offset between two tokens. All windows of all
 * samples are one batch of products.
 *
 * @see Liu et al. 2021, arXiv 2103.14030, section 3.2, equation 4.
 */
export class WindowAttention {
  private readonly qkv: Linear;
  private readonly projection: Linear;
  private readonly biasTable: tf.Variable<tf.Rank.R2>; // [(2 side - 1)^2, heads]
  private readonly pairs: WeightedRows; // The offset of each two tokens, [T T].

  constructor(
    params: Params,
    private readonly config: WindowAttentionConfig,
  ) {
    const { features, heads, windowSize } = config;
    if (features % heads !== 0) throw new RangeError(`${features} features cannot form ${heads} heads`);
    this.qkv = new Linear(params.scope("qkv"), features, 3 * features);
    this.projection = new Linear(params.scope("projection"), features, features);
    this.biasTable = params.normal<tf.Rank.R2>("biasTable", [(2 * windowSize - 1) ** 2, heads], 0.02);
    this.pairs = {
      indices: params.constant(() => tf.tensor1d(relativePositions(windowSize), "int32")),
      weights: params.constant(() => tf.ones<tf.Rank.R2>([windowSize ** 4, 1])),
    };
  }

  /**
   * @param x The tokens of each sample, window by window, [N, windows T, D].
   * @param mask Added to the attention, [windows, 1, T T]; undefined where nothing is.
   * @returns [N, windows T, D].
   */
  apply(x: tf.Tensor3D, mask: tf.Tensor3D | undefined): tf.Tensor3D {
    const { heads, windowSize } = this.config;
    const [samples, total, features] = x.shape;
    const tokens = windowSize ** 2;
    const depth = features / heads;
    const batch = (samples * total) / tokens; // B, windows of all samples
    const joint = this.qkv
      .apply(x)
      .reshape([batch, tokens, 3 * heads, depth])
      .transpose([0, 2, 1, 3]);
    const [query, key, value] = tf.split(joint, 3, 1) as [tf.Tensor, tf.Tensor, tf.Tensor]; // [B, heads, T, d]
    const scores = tf.matMul(query.mul(depth ** -0.5), key, false, true); // [B, heads, T, T]
    const bias = this.bias(mask); // [1, heads T T] or [1, windows heads T T]
    const biased = scores.reshape([-1, bias.size]).add(bias).reshape(scores.shape);
    const mixed = tf.matMul(tf.softmax(biased), value).transpose([0, 2, 1, 3]); // [B, T, heads, d]
    return this.projection.apply(mixed.reshape(x.shape));
  }

  private bias(mask: tf.Tensor3D | undefined): tf.Tensor2D {
    const ofPairs = gatherRows(this.biasTable, [this.pairs]).transpose(); // [heads, T T]
    const bias = mask === undefined ? ofPairs : mask.add(ofPairs.expandDims(0));
    return bias.reshape([1, -1]);
  }
}
