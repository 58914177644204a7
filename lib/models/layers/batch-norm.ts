import { withGradient } from "../../backend/custom-gradient";
import * as tf from "../../backend/tf";
import type { Params } from "../params";
import { fusedNorm } from "./fused-norm";

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

  /** @param x [..., C]; differentiable once. @param after What follows; default nothing. */
  apply<T extends tf.Tensor>(x: T, training: boolean, after: "nothing" | "relu" = "nothing"): T {
    const follow = (y: T) => (after === "relu" ? tf.relu(y) : y);
    if (!training) {
      const slope = this.variance.add(EPSILON).rsqrt().mul(this.gamma);
      return follow(x.mul(slope).add<T>(this.beta.sub(this.mean.mul(slope))));
    }
    const rows = x.reshape<tf.Tensor2D>([-1, this.gamma.size]);
    const fused = this.normaliseFused(rows, after);
    return fused === undefined ? follow(this.normalise(rows).reshape<T>(x.shape)) : fused.reshape<T>(x.shape);
  }

  /** The batch as one sample whose groups are its channels. */
  private normaliseFused(rows: tf.Tensor2D, after: "nothing" | "relu"): tf.Tensor | undefined {
    const [count, channels] = rows.shape;
    const row = (t: tf.Tensor1D) => t.reshape<tf.Tensor2D>([1, channels]);
    const affine = {
      shift: tf.zeros<tf.Rank.R2>([1, channels]),
      gain: row(this.gamma),
      offset: row(this.beta),
    };
    const config = { groups: channels, epsilon: EPSILON, before: 1, after };
    return fusedNorm(rows.reshape([1, count, channels]), affine, config, (mean, inverse) => {
      const variance = inverse.square().reciprocal().sub(EPSILON);
      this.moveAverages(mean.flatten(), variance.flatten(), count);
    });
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
