import type * as tf from "../backend/tf";
import { InputError } from "../errors";
import { toFloat32, type StoredTensor } from "../storage/safetensors";

/** How far a value may be off. */
export interface Tolerance {
  readonly limit: number;
  /** Of what: the largest absolute value of the whole output, or each value itself. */
  readonly of: "largest" | "each";
}

/** Forward passes in float32. */
export const FORWARD: Tolerance = { limit: 1e-4, of: "largest" };
/** Squared gradients. */
export const SQUARED_GRADIENT: Tolerance = { limit: 1e-3, of: "each" };
/** Closed formulas, stored in float32. */
export const FORMULA: Tolerance = { limit: 1e-6, of: "each" };

/** One output as this project computes it, in the reference's order of axes. */
export interface ComputedOutput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
  readonly tolerance: Tolerance;
}

/** How an output compares with the reference's. */
export interface Comparison {
  readonly name: string;
  readonly status: "pass" | "fail" | "not covered";
  /** Largest absolute difference; NaN where nothing could be compared. */
  readonly absolute: number;
  /** Largest relative difference, of what the tolerance says. */
  readonly relative: number;
  readonly tolerance: Tolerance | null;
  /** Why, where the numbers do not say it. */
  readonly note: string | null;
}

/** An output from a tensor of rank 4, [N, H, W, C], as [N, C, H, W]. */
export function imageOutput(name: string, images: tf.Tensor4D, tolerance = FORWARD): ComputedOutput {
  const turned = images.transpose([0, 3, 1, 2]);
  return tensorOutput(name, turned, tolerance);
}

/** An output from a tensor whose axes are in the reference's order. */
export function tensorOutput(name: string, tensor: tf.Tensor, tolerance = FORWARD): ComputedOutput {
  return { name, shape: tensor.shape, values: Float32Array.from(tensor.dataSync()), tolerance };
}

/** Compares a computed output with the reference's. Infinities and NaN agree only with their like. */
export function compare(computed: ComputedOutput, expected: StoredTensor): Comparison {
  const { name, shape, tolerance } = computed;
  if (shape.length !== expected.shape.length || !shape.every((size, axis) => size === expected.shape[axis]))
    return unlike(computed, `has the shape [${shape}], expected [${expected.shape}]`);
  const difference = differences(computed.values, toFloat32(expected), tolerance);
  const status = difference.relative <= tolerance.limit ? "pass" : "fail";
  return { name, status, ...difference, tolerance, note: null };
}

/** Compares single numbers in double precision. */
export function compareNumbers(
  name: string,
  computed: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
): Comparison {
  if (computed.length !== expected.length) throw new InputError(name, "has another number of values");
  const difference = differences(computed, expected, tolerance);
  const status = difference.relative <= tolerance.limit ? "pass" : "fail";
  return { name, status, ...difference, tolerance, note: null };
}

/** An output that this project does not compute. */
export function notCovered(name: string, note: string | null = null): Comparison {
  return { name, status: "not covered", absolute: Number.NaN, relative: Number.NaN, tolerance: null, note };
}

function unlike({ name, tolerance }: ComputedOutput, note: string): Comparison {
  return { name, status: "fail", absolute: Number.NaN, relative: Number.NaN, tolerance, note };
}

function differences(
  computed: ArrayLike<number>,
  expected: ArrayLike<number>,
  { of }: Tolerance,
): { absolute: number; relative: number } {
  let [absolute, relative, largest] = [0, 0, 0];
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [computed[i] as number, expected[i] as number];
    if (Object.is(a, b) || a === b) {
      largest = Math.max(largest, Math.abs(b));
      continue;
    }
    if (!Number.isFinite(a) || !Number.isFinite(b)) return { absolute: Infinity, relative: Infinity };
    const distance = Math.abs(a - b);
    absolute = Math.max(absolute, distance);
    relative = Math.max(relative, distance / Math.abs(b));
    largest = Math.max(largest, Math.abs(b));
  }
  return { absolute, relative: of === "each" || absolute === 0 ? relative : absolute / largest };
}
