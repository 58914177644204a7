import { withGradient } from "../../backend/custom-gradient";
import * as tf from "../../backend/tf";

/**
 * Repeats a tensor along its axes of length 1. Its gradient is one sum (tfjs's own is a chain of slices, and
 * ends at rank 4); it can be differentiated any number of times.
 *
 * @param shape The wanted shape, of x's rank.
 */
export function broadcast<R extends tf.Rank>(x: tf.Tensor, shape: tf.ShapeMap[R]): tf.Tensor<R> {
  const axes = shape.flatMap((length, axis) => (x.shape[axis] === length ? [] : [axis]));
  const reps = shape.map((length, axis) => (axes.includes(axis) ? length : 1));
  return withGradient<tf.Tensor<R>>(
    [x],
    () => ({ value: tf.tile(x, reps) as tf.Tensor<R>, saved: [] }),
    (dy) => [dy.sum(axes, true)],
  );
}
