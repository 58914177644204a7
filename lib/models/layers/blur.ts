import { withGradient } from "../../backend/custom-gradient";
import * as tf from "../../backend/tf";
import type { Params } from "../params";

/** The binomial filter along one axis; its sum is 1. */
const TAPS = [0.25, 0.5, 0.25] as const;

/**
 * The low-pass filter [1, 2, 1] x [1, 2, 1] / 16 of StyleGAN 1, with zeros beyond the border. It is its own
 * adjoint, so it can be differentiated any number of times.
 *
 * @see Karras et al. 2019, arXiv 1812.04948, section 2; Zhang 2019, arXiv 1904.11486.
 */
export class Blur {
  private readonly filter: tf.Tensor4D; // [3, 3, C, 1]

  constructor(params: Params, channels: number) {
    this.filter = params.constant(() => blurFilter(channels));
  }

  /** @param x [N, H, W, C]. @returns [N, H, W, C]. */
  apply(x: tf.Tensor4D): tf.Tensor4D {
    return withGradient(
      [x],
      () => ({ value: tf.depthwiseConv2d(x, this.filter, 1, "same"), saved: [] }),
      (dy) => [this.apply(dy)],
    );
  }
}

/** The filter's nine values, row by row. */
export function blurTaps(): number[] {
  return TAPS.flatMap((a) => TAPS.map((b) => a * b));
}

/** The filter once a channel, [3, 3, C, 1]. */
function blurFilter(channels: number): tf.Tensor4D {
  return tf.tensor4d(blurTaps(), [3, 3, 1, 1]).tile<tf.Tensor4D>([1, 1, channels, 1]);
}
