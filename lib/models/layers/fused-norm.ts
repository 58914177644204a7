import { withGradient } from "../../backend/custom-gradient";
import { kernelBackend } from "../../backend/native-kernels";
import { narrowBackend, TF_BFLOAT16, typeNumber } from "../../backend/narrow-tensors";
import { runKernel } from "../../backend/run-kernel";
import * as tf from "../../backend/tf";

/** What follows a normalisation, and the kernels' number of it. */
const AFTER = { nothing: 0, silu: 1, relu: 2 } as const;

export interface FusedNormConfig {
  /** Channels are normalised together in this many groups. */
  readonly groups: number;
  /** Added to the variance. */
  readonly epsilon: number;
  /** Slope of a leaky rectifier before the norm, for negative values; 1: none. */
  readonly before: number;
  readonly after: keyof typeof AFTER;
  /** Whether the result may be in bfloat16: its one reader must take it so. */
  readonly narrowResult?: boolean;
}

/** One number a channel, for all samples [1, C] or for each [N, C]. */
export interface NormAffine {
  /** Added to x before everything else: a bias. */
  readonly shift: tf.Tensor2D;
  readonly gain: tf.Tensor2D;
  readonly offset: tf.Tensor2D;
}

/**
 * after((v - mean) / sqrt(variance + epsilon) * gain + offset), v = leaky(x + shift), with the statistics over
 * the pixels of each sample and group: one operation, whose gradient is one operation too. Differentiable once.
 *
 * @param x [N, ..., C].
 * @param seen Told the mean and 1 / sqrt(variance + epsilon) of each sample and channel, [N, C].
 * @returns Undefined where the project's own kernels are not at hand.
 */
export function fusedNorm<T extends tf.Tensor>(
  x: T,
  affine: NormAffine,
  config: FusedNormConfig,
  seen?: (mean: tf.Tensor, inverse: tf.Tensor) => void,
): T | undefined {
  const native = kernelBackend();
  if (native === undefined) return undefined;
  const { shift, gain, offset } = affine;
  const { groups, epsilon, before, after, narrowResult = false } = config;
  const narrow = narrowResult && narrowBackend() !== undefined;
  const attributes = {
    types: { X: typeNumber(native, x), Y: narrow ? TF_BFLOAT16 : native.binding.TF_FLOAT },
    floats: { epsilon, before },
    integers: { groups, after: AFTER[after] },
  };
  return withGradient<T>(
    [x, shift, gain, offset],
    () => {
      const inputs = [x, shift, gain, offset];
      const [value, mean, inverse] = runKernel(native, "SynthmrNorm", inputs, 3, attributes);
      if (!value || !mean || !inverse) throw new Error("SynthmrNorm gave no output");
      seen?.(mean, inverse);
      return { value: value as T, saved: [x, shift, gain, offset, mean, inverse] };
    },
    (dy, saved) => runKernel(native, "SynthmrNormGrad", [dy, ...saved], 4, attributes),
  );
}
