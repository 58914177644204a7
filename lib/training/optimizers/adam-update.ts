import { kernelBackend } from "../../backend/native-kernels";
import { runKernel } from "../../backend/run-kernel";
import * as tf from "../../backend/tf";

/** What Adam remembers and changes; all [F]. */
export interface AdamVectors extends tf.NamedTensorMap {
  readonly values: tf.Tensor1D;
  /** Running mean of the gradient. */
  readonly firstMoment: tf.Tensor1D;
  /** Running mean of its square. */
  readonly secondMoment: tf.Tensor1D;
}

/** Numbers of one update. */
export interface AdamSettings {
  readonly beta1: number;
  readonly beta2: number;
  /** With the corrections of both moments' bias. */
  readonly rate: number;
  /** With the correction of the second moment's bias. */
  readonly epsilon: number;
  /** A value first loses this times its own decay of itself. */
  readonly decayRate: number;
}

/**
 * One update of Adam: m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, then
 * p = p (1 - decayRate decay) - rate m / (sqrt(v) + epsilon). One operation that reads each vector once where the
 * project's own are at hand: a dozen separate ones were a sixth of a Swin transformer's step.
 *
 * @param decay Of each value, [F]; undefined: none.
 */
export function adamUpdate(
  vectors: AdamVectors,
  gradient: tf.Tensor1D,
  settings: AdamSettings,
  decay?: tf.Tensor1D,
): AdamVectors {
  return tf.tidy(
    () => updateFused(vectors, gradient, settings, decay) ?? update(vectors, gradient, settings, decay),
  );
}

function updateFused(
  { values, firstMoment, secondMoment }: AdamVectors,
  gradient: tf.Tensor1D,
  { beta1, beta2, rate, epsilon, decayRate }: AdamSettings,
  decay: tf.Tensor1D | undefined,
): AdamVectors | undefined {
  const native = kernelBackend();
  if (native === undefined) return undefined;
  const numbers = tf.tensor1d([beta1, 1 - beta1, beta2, 1 - beta2, rate, epsilon, decayRate]);
  const inputs = [values, gradient, firstMoment, secondMoment, decay ?? tf.zeros<tf.Rank.R1>([0]), numbers];
  const [p, m, v] = runKernel(native, "SynthmrAdam", inputs, 3, {}) as tf.Tensor1D[];
  if (!p || !m || !v) throw new Error("SynthmrAdam gave no output");
  return { values: p, firstMoment: m, secondMoment: v };
}

function update(
  { values, firstMoment, secondMoment }: AdamVectors,
  gradient: tf.Tensor1D,
  { beta1, beta2, rate, epsilon, decayRate }: AdamSettings,
  decay: tf.Tensor1D | undefined,
): AdamVectors {
  const m = blend(firstMoment, gradient, beta1);
  const v = blend(secondMoment, gradient.square(), beta2);
  const kept = decay === undefined ? values : values.sub<tf.Tensor1D>(values.mul(decay).mul(decayRate));
  const change = m.mul(rate).div(v.sqrt().add(epsilon));
  return { values: kept.sub(change), firstMoment: m, secondMoment: v };
}

/** decay a + (1 - decay) b. */
function blend(a: tf.Tensor1D, b: tf.Tensor, decay: number): tf.Tensor1D {
  return a.mul(decay).add<tf.Tensor1D>(b.mul(1 - decay));
}
