import * as tf from "../../backend/tf";
import type { Params } from "../params";
import { meanSquare, type ScaledFeatures } from "./scaled-features";

/**
 * The running mean square of the features that come into a layer, by whose root they are divided; it follows
 * the training and is fixed for sampling.
 *
 * @see Karras et al. 2021, arXiv 2106.12423, section 3.1 ("normalization").
 */
export class MagnitudeMean {
  private readonly mean: tf.Variable<tf.Rank.R0>;

  /** @param decay Weight of the old mean in an update. */
  constructor(
    params: Params,
    private readonly decay: number,
  ) {
    this.mean = params.fillBuffer<tf.Rank.R0>("magnitude", [], 1);
  }

  /** The factor that brings features to unit magnitude, after the update where there is to be one; a scalar. */
  gain(x: ScaledFeatures, update: boolean): tf.Scalar {
    return tf.tidy(() => {
      if (update) this.mean.assign(this.mean.mul(this.decay).add(meanSquare(x).mul(1 - this.decay)));
      return this.mean.rsqrt();
    });
  }
}
