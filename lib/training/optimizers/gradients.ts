import { CompiledFunction } from "../../backend/graph/compiled-function";
import type { Rng } from "../../backend/rng";
import * as tf from "../../backend/tf";
import { inTrainingPrecision } from "../../backend/training-precision";
import type { Params } from "../../models/params";
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

  /**
   * @param loss Reads the network's variables, which hold the parameter vector's present values.
   * @param moving The network's buffers, which the loss may move: running means and the like.
   */
  constructor(
    private readonly params: Params,
    private readonly parameters: ParameterVector,
    private readonly loss: (inputs: readonly tf.Tensor[], rng: Rng) => tf.Scalar,
    private readonly moving?: ParameterVector,
  ) {
    this.compiled = new CompiledFunction((tensors, rng) => this.evaluate(tensors, rng));
  }

  run(inputs: readonly tf.Tensor[], rng: Rng): LossAndGradient {
    const buffers = this.moving === undefined ? [] : [this.moving.values];
    const outputs = this.compiled.run([this.parameters.values, ...buffers, ...inputs], rng);
    const [loss, gradient, moved] = outputs;
    if (loss === undefined || gradient === undefined) throw new Error("the gradient gave no output");
    if (moved !== undefined) this.moving?.assign(moved as tf.Tensor1D);
    return { loss: loss as tf.Scalar, gradient: gradient as tf.Tensor1D };
  }

  dispose(): void {
    this.compiled.dispose();
  }

  private evaluate([values, ...rest]: readonly tf.Tensor[], rng: Rng): readonly tf.Tensor[] {
    this.parameters.writeTo(values as tf.Tensor1D);
    this.moving?.writeTo(rest[0] as tf.Tensor1D);
    const inputs = this.moving === undefined ? rest : rest.slice(1);
    const { loss, gradients } = inTrainingPrecision(() =>
      variableGradients(this.params, () => this.loss(inputs, rng)),
    );
    const moved = this.moving === undefined ? [] : [this.moving.gather(this.params.buffers)];
    return [loss, this.parameters.gather(gradients), ...moved];
  }
}

/**
 * The gradient of a scalar with respect to all variables of a network.
 *
 * @param loss Computes the loss from the variables' present values; intermediate tensors are freed.
 * @param unreached What a variable that the loss does not depend on gets: a mistake that would silently leave
 *   it untrained ("refuse"), or, as in networks that grow, a gradient of zero ("zero").
 * @returns The loss and one tensor a variable, by path; the caller disposes of them.
 * @throws Error if a variable does not reach the loss and may not.
 */
export function variableGradients(
  params: Params,
  loss: () => tf.Scalar,
  unreached: "refuse" | "zero" = "refuse",
): { readonly loss: tf.Scalar; readonly gradients: ReadonlyMap<string, tf.Tensor> } {
  const variables = [...params.variables];
  const { value, grads } = tf.variableGrads(
    loss,
    variables.map(([, variable]) => variable),
  );
  const gradients = new Map<string, tf.Tensor>();
  for (const [path, variable] of variables) {
    const gradient = grads[variable.name];
    if (gradient === undefined && unreached === "refuse")
      throw new Error(`the loss does not depend on ${path}`);
    gradients.set(path, gradient ?? tf.zerosLike(variable));
  }
  return { loss: value, gradients };
}
