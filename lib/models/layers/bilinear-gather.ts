import { withGradient } from "../../backend/custom-gradient";
import * as tf from "../../backend/tf";
import { uncheckedGather } from "./unchecked-gather";

/** For each row of a result, the rows of a table whose weighted sum it is. */
export interface WeightedRows {
  /** [P], int32, within the table. */
  readonly indices: tf.Tensor1D;
  /** [P, 1]. */
  readonly weights: tf.Tensor2D;
}

/**
 * Weighted sums of rows of a table: linear in the table, with the transposed map as its gradient, so that any
 * order of derivative exists.
 *
 * @param table [R, C]. @param terms One for each member of the sums. @returns [P, C].
 */
export function gatherRows(table: tf.Tensor2D, terms: readonly WeightedRows[]): tf.Tensor2D {
  const [rows] = table.shape;
  return withGradient<tf.Tensor2D>(
    [table],
    () => {
      const value = tf.addN(
        terms.map(({ indices, weights }) => uncheckedGather(table, indices, 0).mul(weights)),
      );
      return { value: value as tf.Tensor2D, saved: flat(terms) };
    },
    (dy, saved) => [spreadRows(dy, paired(saved), rows)],
  );
}

/** The transposed map: each row of [P, C] added to the rows of [R, C] that it was made of. */
function spreadRows(values: tf.Tensor2D, terms: readonly WeightedRows[], rows: number): tf.Tensor2D {
  return withGradient<tf.Tensor2D>(
    [values],
    () => {
      const parts = terms.map(({ indices, weights }) =>
        tf.unsortedSegmentSum(values.mul<tf.Tensor2D>(weights), indices, rows),
      );
      return { value: tf.addN(parts), saved: flat(terms) };
    },
    (dy, saved) => [gatherRows(dy, paired(saved))],
  );
}

/** Gradients may only read what was saved with them, as one list. */
function flat(terms: readonly WeightedRows[]): tf.Tensor[] {
  return terms.flatMap(({ indices, weights }) => [indices, weights]);
}

function paired(saved: readonly tf.Tensor[]): WeightedRows[] {
  return Array.from({ length: saved.length / 2 }, (_, i) => ({
    indices: saved[2 * i] as tf.Tensor1D,
    weights: saved[2 * i + 1] as tf.Tensor2D,
  }));
}
