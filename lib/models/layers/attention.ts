import * as tf from "../../backend/tf";
import type { Params } from "../params";
import { Dense } from "./dense";
import { GroupNorm } from "./group-norm";

export interface AttentionConfig {
  readonly channels: number;
  readonly heads: number;
  readonly groups: number;
}

/**
 * Self-attention over the pixels of an image, added to its input: the attention block of guided-diffusion
 * in its legacy channel order (head, then query | key | value, then channel).
 *
 * @see Dhariwal and Nichol 2021, arXiv 2105.05233; `AttentionBlock` and `QKVAttentionLegacy` of the code.
 */
export class AttentionBlock {
  private readonly norm: GroupNorm;
  private readonly qkv: Dense;
  private readonly projection: Dense;

  constructor(
    params: Params,
    private readonly config: AttentionConfig,
  ) {
    const { channels, groups } = config;
    this.norm = new GroupNorm(params.scope("norm"), { channels, groups });
    this.qkv = new Dense(params.scope("qkv"), { inFeatures: channels, outFeatures: 3 * channels });
    this.projection = new Dense(params.scope("projection"), {
      inFeatures: channels,
      outFeatures: channels,
      initialScale: 0,
    });
  }

  /** @param x [N, H, W, C]. @returns [N, H, W, C]. */
  apply(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const { heads } = this.config;
      const [samples, height, width, channels] = x.shape;
      const tokens = height * width;
      const depth = channels / heads;

      const flat = this.norm.apply(x).reshape<tf.Tensor2D>([samples * tokens, channels]); // [N L, C]
      const joint = this.qkv
        .apply(flat)
        .reshape([samples, tokens, heads, 3 * depth])
        .transpose([0, 2, 1, 3]);
      const [query, key, value] = tf.split(joint, 3, 3) as [tf.Tensor, tf.Tensor, tf.Tensor]; // [N, heads, L, C / heads]
      // Both factors scaled by the fourth root, as the reference: more stable than scaling the product.
      const scale = depth ** -0.25;
      const weights = tf.softmax(tf.matMul(query.mul(scale), key.mul(scale), false, true)); // [N, heads, L, L]
      const mixed = tf.matMul(weights, value).transpose([0, 2, 1, 3]); // [N, L, heads, C / heads]
      const out = this.projection.apply(mixed.reshape<tf.Tensor2D>([samples * tokens, channels]));
      return x.add<tf.Tensor4D>(out.reshape(x.shape));
    });
  }
}
