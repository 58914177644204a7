import { Rng } from "../../../lib/backend/rng";
import * as tf from "../../../lib/backend/tf";
import { near } from "../../near";

/** Half of the change made to an input. Larger ones are wrong by curvature, smaller ones by rounding. */
const CHANGE = 0.02;

/**
 * Asserts that the gradients of `f` agree with central finite differences along random directions: the
 * change of sum(f w), with random weights w, when one input moves a little.
 *
 * @param tolerance As a share of the derivative or of 1, whichever is larger.
 */
export function checkGradients(
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: readonly tf.Tensor[],
  tolerance: number,
): void {
  tf.tidy(() => {
    const weights = Rng.fromSeed(11).normal(f(...inputs).shape);
    const score = (...values: tf.Tensor[]) =>
      f(...values)
        .mul(weights)
        .sum<tf.Scalar>();
    const gradients = tf.grads(score)([...inputs]);
    inputs.forEach((input, i) => {
      for (let draw = 0; draw < 3; draw++) {
        const raw = Rng.fromSeed(12).fork(i, draw).normal(input.shape);
        const direction = raw.div(raw.norm());
        const at = (step: number) =>
          f(...inputs.map((value, j) => (j === i ? value.add(direction.mul(step)) : value)));
        // The difference is taken value by value, before the sum, which would drown it in rounding error.
        const slope = at(CHANGE)
          .sub(at(-CHANGE))
          .mul(weights)
          .sum()
          .div(2 * CHANGE);
        const expected = gradients[i]?.mul(direction).sum();
        near(slope, expected ?? [], tolerance, `input ${i}, direction ${draw}`);
      }
    });
  });
}
