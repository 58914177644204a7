import { withGradient } from "../../backend/custom-gradient";
import { kernelBackend } from "../../backend/native-kernels";
import { runKernel } from "../../backend/run-kernel";
import * as tf from "../../backend/tf";
import type { Params } from "../params";

/** As PyTorch's LayerNorm. */
const EPSILON = 1e-5;

/**
 * Normalises the features of each token: (x - mean) / sqrt(variance + 1e-5) * gamma + beta.
 *
 * @see Ba et al. 2016, arXiv 1607.06450.
 */
export class LayerNorm {
  private readonly gamma: tf.Variable<tf.Rank.R1>; // [D]
  private readonly beta: tf.Variable<tf.Rank.R1>; // [D]

  constructor(params: Params, features: number) {
    this.gamma = params.fill<tf.Rank.R1>("gamma", [features], 1);
    this.beta = params.fill<tf.Rank.R1>("beta", [features], 0);
  }

  /** @param x Any shape whose last axis holds the features; differentiable once. */
  apply<T extends tf.Tensor>(x: T): T {
    const features = this.gamma.size;
    const rows = x.reshape<tf.Tensor2D>([-1, features]);
    return (this.normaliseFused(rows) ?? this.normalise(rows)).reshape<T>(x.shape);
  }

  /** One operation forward and one back, where the project's own are at hand. */
  private normaliseFused(rows: tf.Tensor2D): tf.Tensor2D | undefined {
    const native = kernelBackend();
    if (native === undefined) return undefined;
    const attributes = { floats: { epsilon: EPSILON } };
    return withGradient<tf.Tensor2D>(
      [rows, this.gamma, this.beta],
      () => {
        const inputs = [rows, this.gamma, this.beta];
        const [value, mean, inverse] = runKernel(native, "SynthmrLayerNorm", inputs, 3, attributes);
        if (!value || !mean || !inverse) throw new Error("SynthmrLayerNorm gave no output");
        return { value: value as tf.Tensor2D, saved: [rows, this.gamma, mean, inverse] };
      },
      (dy, saved) => runKernel(native, "SynthmrLayerNormGrad", [dy, ...saved], 3, attributes),
    );
  }

  private normalise(rows: tf.Tensor2D): tf.Tensor2D {
    return withGradient<tf.Tensor2D>(
      [rows, this.gamma, this.beta],
      () => {
        const mean = rows.mean(1, true);
        const inverse = tf.squaredDifference(rows, mean).mean(1, true).add(EPSILON).rsqrt(); // [R, 1]
        const xhat = rows.sub(mean).mul(inverse);
        const value = xhat.mul(this.gamma).add<tf.Tensor2D>(this.beta);
        return { value, saved: [xhat, inverse, this.gamma] };
      },
      (dy, [xhat, inverse, gamma]) => {
        if (!xhat || !inverse || !gamma) throw new Error("layer norm saved no tensors");
        const dGamma = dy.mul(xhat).sum(0);
        const g = dy.mul(gamma);
        const alongSpread = g.mul(xhat).mean(1, true);
        const dx = g.sub(g.mean(1, true)).sub(xhat.mul(alongSpread)).mul(inverse);
        return [dx, dGamma, dy.sum(0)];
      },
    );
  }
}
