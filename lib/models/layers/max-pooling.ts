import { withGradient } from "../../backend/custom-gradient";
import * as tf from "../../backend/tf";
import { scaleWhereNegative } from "./activation";

/**
 * The largest value of each 2x2 block; an odd last row or column is left out. Of equal values the first
 * (in row order) takes the gradient, as in PyTorch. TensorFlow's own gradient kernel takes longer than a
 * convolution of the same image, so the gradient is taken in two steps, pair by pair.
 *
 * @param x [N, H, W, C]. @returns [N, floor(H / 2), floor(W / 2), C].
 */
export function maxPool2(x: tf.Tensor4D): tf.Tensor4D {
  const [samples, height, width, channels] = x.shape;
  if (height % 2 !== 0 || width % 2 !== 0)
    return maxPool2(
      tf.slice4d(x, [0, 0, 0, 0], [samples, height - (height % 2), width - (width % 2), channels]),
    );
  return withGradient(
    [x],
    () => ({ value: tf.maxPool(x, 2, 2, "valid"), saved: [x] }),
    (dy, [input]) => {
      const columns = pairs(input ?? x, channels); // neighbours in a row, [NHW / 2, C] each
      const rows = pairs(tf.maximum(...columns), (width / 2) * channels); // [NH / 2, WC / 2] each
      const dRows = pairGradient(dy.reshape(rows[0].shape), rows);
      return [pairGradient(dRows.reshape(columns[0].shape), columns).reshape(x.shape)];
    },
  );
}

/** The two members of each pair of runs of `length` values. */
function pairs(t: tf.Tensor, length: number): [tf.Tensor2D, tf.Tensor2D] {
  const count = t.size / (2 * length);
  return tf.split(t.reshape<tf.Tensor2D>([count, 2 * length]), 2, 1) as [tf.Tensor2D, tf.Tensor2D];
}

/** Gives dy to the larger member of each pair, to the first where they are equal; [count, 2 * length]. */
function pairGradient(dy: tf.Tensor, [first, second]: readonly [tf.Tensor, tf.Tensor]): tf.Tensor {
  const dSecond = scaleWhereNegative(dy, second.sub(first), 0);
  return tf.concat([dy.sub(dSecond), dSecond], 1);
}
