import { withGradient } from "../../backend/custom-gradient";
import * as tf from "../../backend/tf";
import type { Params } from "../params";

/** As PyTorch's BatchNorm2d: added to the variance, and the weight of a batch in the running statistics. */
const EPSILON = 1e-5;
const MOMENTUM = 0.1;

/**
 * Batch normalisation: by the statistics of the batch in training, which also move the running ones; by the
 * running ones otherwise.
 *
 * @see Ioffe and Szegedy 2015, arXiv 1502.03167.
 */
export class BatchNorm {
  private readonly gamma: tf.Variable<tf.Rank.R1>; // [C]
  private readonly beta: tf.Variable<tf.Rank.R1>; // [C]
  private readonly mean: tf.Variable<tf.Rank.R1>; // [C]
  private readonly variance: tf.Variable<tf.Rank.R1>; // [C]

  constructor(params: Params, channels: number) {
    this.gamma = params.fill<tf.Rank.R1>("gamma", [channels], 1);
    this.beta = params.fill<tf.Rank.R1>("beta", [channels], 0);
    this.mean = params.fillBuffer<tf.Rank.R1>("mean", [channels], 0);
    this.variance = params.fillBuffer<tf.Rank.R1>("variance", [channels], 1);
  }

  /** @param x [..., C]; differentiable once. */
  apply<T extends tf.Tensor>(x: T, training: boolean): T {
    if (!training) {
      const slope = this.variance.add(EPSILON).rsqrt().mul(this.gamma);
      return x.mul(slope).add<T>(this.beta.sub(this.mean.mul(slope)));
    }
    const rows = x.reshape<tf.Tensor2D>([-1, this.gamma.size]);
    return this.normalise(rows).reshape<T>(x.shape);
  }

  private normalise(rows: tf.Tensor2D): tf.Tensor2D {
    return withGradient(
      [rows, this.gamma, this.beta],
      () => {
        const mean = rows.mean<tf.Tensor1D>(0);
        const variance = tf.squaredDifference(rows, mean).mean<tf.Tensor1D>(0);
        this.moveAverages(mean, variance, rows.shape[0]);
        const inverse = variance.add(EPSILON).rsqrt(); // [C]
        const xhat = rows.sub(mean).mul(inverse);
        const value = xhat.mul(this.gamma).add<tf.Tensor2D>(this.beta);
        return { value, saved: [xhat, inverse, this.gamma] };
      },
      (dy, [xhat, inverse, gamma]) => {
        if (!xhat || !inverse || !gamma) throw new Error("batch norm saved no tensors");
        const count = dy.shape[0];
        const [dBeta, dGamma] = [dy.sum(0), dy.mul(xhat).sum(0)];
        const dx = dy
          .sub(dBeta.div(count))
          .sub(xhat.mul(dGamma.div(count)))
          .mul(inverse.mul(gamma));
        return [dx, dGamma, dBeta];
      },
    );
  }

  /** The running variance is the unbiased one, as in PyTorch. */
  private moveAverages(mean: tf.Tensor1D, variance: tf.Tensor1D, count: number): void {
    const unbiased = variance.mul<tf.Tensor1D>(count / Math.max(1, count - 1));
    this.mean.assign(this.mean.mul(1 - MOMENTUM).add(mean.mul(MOMENTUM)));
    this.variance.assign(this.variance.mul(1 - MOMENTUM).add(unbiased.mul(MOMENTUM)));
  }
}
