import * as assert from "uvu/assert";
import * as tf from "../../lib/backend/tf";
import type { Discriminator } from "../../lib/models/gan";
import type { Params } from "../../lib/models/params";
import {
  loadReferenceWeights,
  type FixedValues,
  type NameMap,
} from "../../lib/models/weights/reference-weights";
import { near } from "../near";
import type { ReferenceCase } from "./reference-case";

/** Loads the weights of a case into a network; every variable and buffer is set, every weight used. */
export function loadCase(
  params: Params,
  reference: ReferenceCase,
  names: NameMap,
  fixed?: FixedValues,
): void {
  loadReferenceWeights(params, names, reference.weights, fixed);
}

/** Asserts agreement within a share of the largest expected value. */
export function nearRelative(actual: tf.Tensor, expected: tf.Tensor, tolerance: number): void {
  assert.equal(actual.shape, expected.shape);
  const scale = tf.max(expected.abs()).dataSync()[0] ?? Number.NaN;
  near(actual.div(scale), expected.div(scale), tolerance);
}

/** The squared norm of the logits' gradient with respect to each image, [N]. */
export function squaredGradientNorms(discriminator: Discriminator, images: tf.Tensor4D): tf.Tensor1D {
  const gradient = tf.grad((x) => discriminator.apply(x as tf.Tensor4D).sum())(images);
  return gradient.square().sum<tf.Tensor1D>([1, 2, 3]);
}

/**
 * Asserts that the gradient of a function of a network's parameters agrees with finite differences along one
 * random direction for each of the named variables.
 */
export function checkParameterGradients(
  params: Params,
  value: () => tf.Scalar,
  paths: readonly string[],
  tolerance: number,
  change = 0.01,
): void {
  tf.tidy(() => {
    const variables = paths.map((path) => {
      const variable = params.variables.get(path);
      if (variable === undefined) throw new Error(`no variable ${path}`);
      return variable;
    });
    const { grads } = tf.variableGrads(value, variables);
    variables.forEach((variable, i) => {
      const raw = tf.randomNormal(variable.shape, 0, 1, "float32", i + 1);
      const direction = raw.div(raw.norm());
      const original = variable.clone();
      const at = (step: number) => {
        variable.assign(original.add(direction.mul(step)));
        const result = value().dataSync()[0] ?? Number.NaN;
        variable.assign(original);
        return result;
      };
      const slope = (at(change) - at(-change)) / (2 * change);
      const expected = grads[variable.name]?.mul(direction).sum().dataSync()[0] ?? Number.NaN;
      near([slope], [expected], tolerance, paths[i]);
    });
  });
}
