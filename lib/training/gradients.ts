import { CompiledFunction } from "../backend/graph/compiled-function";
import type { Rng } from "../backend/rng";
import * as tf from "../backend/tf";
import type { Params } from "../models/params";
import type { ParameterVector } from "./parameter-vector";

/** A loss and its gradient for every value of the parameter vector, [F]. The caller disposes of both. */
export interface LossAndGradient {
  readonly loss: tf.Scalar;
  readonly gradient: tf.Tensor1D;
}

/**
 * A loss of a network and its gradient, compiled into one graph at the first call.
 *
 * The loss may depend on the tensors given to `run`, on the network's parameters and on the tensor draws of
 * `rng`; nothing else may change from call to call (see CompiledFunction).
 */
export class GradientFunction {
  private readonly compiled: CompiledFunction;

  /** @param loss Reads the network's variables, which hold the parameter vector's present values. */
  constructor(
    private readonly params: Params,
    private readonly parameters: ParameterVector,
    private readonly loss: (inputs: readonly tf.Tensor[], rng: Rng) => tf.Scalar,
  ) {
    this.compiled = new CompiledFunction((tensors, rng) => this.evaluate(tensors, rng));
  }

  run(inputs: readonly tf.Tensor[], rng: Rng): LossAndGradient {
    const [loss, gradient] = this.compiled.run([this.parameters.values, ...inputs], rng);
    if (loss === undefined || gradient === undefined) throw new Error("the gradient gave no output");
    return { loss: loss as tf.Scalar, gradient: gradient as tf.Tensor1D };
  }

  dispose(): void {
    this.compiled.dispose();
  }

  private evaluate([values, ...inputs]: readonly tf.Tensor[], rng: Rng): readonly tf.Tensor[] {
    this.parameters.writeTo(values as tf.Tensor1D);
    const { loss, gradients } = variableGradients(this.params, () => this.loss(inputs, rng));
    return [loss, this.parameters.gather(gradients)];
  }
}

/**
 * The gradient of a scalar with respect to all variables of a network.
 *
 * @param loss Computes the loss from the variables' present values; intermediate tensors are freed.
 * @returns The loss and one tensor a variable, by path; the caller disposes of them.
 * @throws Error if a variable does not reach the loss, which would silently leave it untrained.
 */
export function variableGradients(
  params: Params,
  loss: () => tf.Scalar,
): { readonly loss: tf.Scalar; readonly gradients: ReadonlyMap<string, tf.Tensor> } {
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
