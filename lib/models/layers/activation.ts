import { withGradient } from "../../backend/custom-gradient";
import { nativeBackend } from "../../backend/native-ops";
import * as tf from "../../backend/tf";

/**
 * Leaky rectifier: x where x > 0, else slope * x. Its gradient is a multiplication by a mask, so that it
 * can be differentiated again (tfjs's own cannot), in one operation on the native backend.
 *
 * @param x Any shape.
 * @param slope Factor on negative values, in [0, 1).
 */
export function leakyRelu<T extends tf.Tensor>(x: T, slope: number): T {
  return withGradient(
    [x],
    () => {
      // The result has the signs of x and lives on anyway, as the next layer's input.
      const value = tf.leakyRelu(x, slope);
      return { value, saved: [value] };
    },
    (dy, [features]) => [scaleWhereNegative(dy, features ?? x, slope)],
  );
}

/**
 * Keeps values within +-limit. The gradient passes where a value was within, and can be differentiated again.
 *
 * @param x Any shape.
 */
export function clampMagnitude<T extends tf.Tensor>(x: T, limit: number): T {
  return withGradient(
    [x],
    () => {
      const within = tf.lessEqual(tf.abs(x), limit).toFloat();
      return { value: tf.clipByValue(x, -limit, limit), saved: [within] };
    },
    (dy, [within]) => [within === undefined ? dy : dy.mul(within)],
  );
}

/**
 * dy where features > 0, else slope * dy: linear in dy and its own adjoint.
 *
 * @param features Of dy's shape; not differentiated, since the mask is constant almost everywhere.
 */
export function scaleWhereNegative<T extends tf.Tensor>(dy: T, features: tf.Tensor, slope: number): T {
  return withGradient(
    [dy],
    () => ({ value: masked(dy, features, slope), saved: [features] }),
    (dd, [mask]) => [scaleWhereNegative(dd, mask ?? features, slope)],
  );
}

function masked<T extends tf.Tensor>(dy: T, features: tf.Tensor, slope: number): T {
  const native = nativeBackend();
  if (native === undefined) return dy.mul<T>(tf.step(features, slope));
  const { TF_ATTR_TYPE, TF_ATTR_FLOAT, TF_FLOAT } = native.binding;
  const attributes = [
    { name: "T", type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: "alpha", type: TF_ATTR_FLOAT, value: slope },
  ];
  return native.executeSingleOutput("LeakyReluGrad", attributes, [dy, features]) as T;
}
