import { withGradient } from "../../backend/custom-gradient";
import { nativeBackend } from "../../backend/native-ops";
import * as tf from "../../backend/tf";

/**
 * SiLU (swish), x sigmoid(x). Its gradient s dy + x dy s (1 - s) takes one fused operation on the native
 * backend. Not for losses that differentiate a gradient.
 *
 * @see Hendrycks and Gimpel 2016, arXiv 1606.08415.
 */
export function silu<T extends tf.Tensor>(x: T): T {
  return withGradient(
    [x],
    () => {
      const s = tf.sigmoid(x);
      return { value: x.mul<T>(s), saved: [x, s] };
    },
    (dy, [input, s]) => [siluGradient(dy, input, s)],
  );
}

function siluGradient(dy: tf.Tensor, x?: tf.Tensor, s?: tf.Tensor): tf.Tensor {
  if (x === undefined || s === undefined) throw new Error("silu saved no tensors");
  return dy.mul(s).add(sigmoidGradient(s, dy.mul(x)));
}

/** dy s (1 - s). */
function sigmoidGradient(s: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const native = nativeBackend();
  if (native === undefined) return dy.mul(s).mul(tf.sub(1, s));
  const attributes = [{ name: "T", type: native.binding.TF_ATTR_TYPE, value: native.binding.TF_FLOAT }];
  return native.executeSingleOutput("SigmoidGrad", attributes, [s, dy]);
}
