import * as tf from "../backend/tf";
import type { Params } from "../models/params";

/** A loss before a step and its gradient for every variable, by the variable's path. The caller disposes both. */
export interface LossAndGradients {
  readonly loss: tf.Scalar;
  readonly gradients: ReadonlyMap<string, tf.Tensor>;
}

/**
 * The gradient of a scalar with respect to all variables of a network.
 *
 * @param loss Computes the loss from the variables' present values; intermediate tensors are freed.
 * @throws Error if a variable does not reach the loss, which would silently leave it untrained.
 */
export function variableGradients(params: Params, loss: () => tf.Scalar): LossAndGradients {
  const variables = [...params.variables];
  const { value, grads } = tf.variableGrads(
    loss,
    variables.map(([, variable]) => variable),
  );
  const gradients = new Map<string, tf.Tensor>();
  for (const [path, variable] of variables) {
    const gradient = grads[variable.name];
    if (gradient === undefined) throw new Error(`the loss does not depend on ${path}`);
    gradients.set(path, gradient);
  }
  return { loss: value, gradients };
}
