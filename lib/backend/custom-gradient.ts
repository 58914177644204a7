import * as tf from "./tf";

/**
 * An operation with a gradient of its own: `tf.customGrad` with types. Everything that the gradient reads,
 * inputs included, must go through `saved`, since tidy frees the rest.
 *
 * @param inputs What to differentiate with respect to.
 * @param forward Gives the value and the tensors that the gradient needs.
 * @param gradient One gradient an input. To be differentiated again it must itself consist of operations
 * that have gradients.
 */
export function withGradient<T extends tf.Tensor>(
  inputs: readonly tf.Tensor[],
  forward: () => { readonly value: T; readonly saved: readonly tf.Tensor[] },
  gradient: (dy: T, saved: readonly tf.Tensor[]) => tf.Tensor[],
): T {
  const operation = tf.customGrad<T>((...parts) => {
    const save = parts[parts.length - 1] as tf.GradSaveFunc;
    const { value, saved } = forward();
    save([...saved]);
    return { value, gradFunc: (dy: T, kept: tf.Tensor[]) => gradient(dy, kept) };
  });
  return operation(...inputs);
}
