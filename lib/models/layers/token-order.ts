import { withGradient } from "../../backend/custom-gradient";
import * as tf from "../../backend/tf";
import { uncheckedGather } from "./unchecked-gather";

/** Stands in an order where a token of zeros is put in. */
export const ZERO_TOKEN = -1;

/** How tokens are put in another order: one gather there and one back, each the other's gradient. */
export interface TokenOrder {
  /** For each token of the new order its place in the old one, [L']. */
  readonly forth: Gather;
  /** For each token of the old order its place in the new one, [L]. */
  readonly back: Gather;
}

interface Gather {
  readonly places: tf.Tensor1D;
  /** Whether zeros are put in: their place is behind the last token. */
  readonly padded: boolean;
}

/**
 * An order of tokens. Its tensors belong to the caller.
 *
 * @param places For each token of the new order its place among `count` old ones, each used at most once, or
 * ZERO_TOKEN.
 */
export function tokenOrder(places: Int32Array, count: number): TokenOrder {
  const back = new Int32Array(count).fill(ZERO_TOKEN);
  places.forEach((place, i) => {
    if (place !== ZERO_TOKEN) back[place] = i;
  });
  return { forth: gatherOf(places, count), back: gatherOf(back, places.length) };
}

function gatherOf(places: Int32Array, count: number): Gather {
  const padded = places.includes(ZERO_TOKEN);
  const shifted = places.map((place) => (place === ZERO_TOKEN ? count : place));
  return { places: tf.tensor1d(shifted, "int32"), padded };
}

/** @param x Tokens in the old order, [N, L, D]. @returns [N, L', D]. */
export function reorder(x: tf.Tensor3D, { forth, back }: TokenOrder): tf.Tensor3D {
  return withGradient(
    [x],
    () => ({ value: take(x, forth), saved: [] }),
    (dy) => [take(dy, back)],
  );
}

/** @param x Tokens in the new order, [N, L', D]. @returns [N, L, D]. */
export function reorderBack(x: tf.Tensor3D, { forth, back }: TokenOrder): tf.Tensor3D {
  return reorder(x, { forth: back, back: forth });
}

function take(x: tf.Tensor3D, { places, padded }: Gather): tf.Tensor3D {
  const [samples, , features] = x.shape;
  const source = padded ? tf.concat3d([x, tf.zeros<tf.Rank.R3>([samples, 1, features])], 1) : x;
  return uncheckedGather(source, places, 1);
}
