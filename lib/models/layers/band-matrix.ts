import * as tf from "../../backend/tf";

/** A FIR filter along one axis with resampling: insert zeros, pad or crop, convolve, keep every n-th value. */
export interface AxisFilter {
  /** The filter; its length is odd or even. */
  readonly taps: ArrayLike<number>;
  /** Each value is followed by `up` - 1 zeros. */
  readonly up: number;
  /** Every `down`-th result is kept. */
  readonly down: number;
  /** Zeros before and after the values that `up` gave; negative numbers crop. */
  readonly padding: readonly [before: number, after: number];
}

/** How many values an axis of `size` values becomes. */
export function filteredSize(size: number, { taps, up, down, padding }: AxisFilter): number {
  return Math.ceil((size * up + padding[0] + padding[1] - taps.length + 1) / down);
}

/**
 * The filter as a matrix [1, filtered size, size], whose transpose is its adjoint; the leading 1 lets it
 * multiply every image of a batch.
 */
export function bandMatrix(size: number, filter: AxisFilter): tf.Tensor3D {
  const { taps, up, down, padding } = filter;
  const rows = filteredSize(size, filter);
  const values = new Float32Array(rows * size);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < size; column++) {
      // A convolution turns its filter round.
      const tap = taps.length - 1 - (column * up + padding[0] - row * down);
      if (tap >= 0 && tap < taps.length) values[row * size + column] = taps[tap] as number;
    }
  }
  return tf.tensor3d(values, [1, rows, size]);
}

/**
 * Multiplies the columns of each image by one matrix and the rows by another: two dense products, which run
 * at full speed and can be differentiated any number of times.
 *
 * @param x [N, H, W, C]. @param alongHeight [1, H', H]. @param alongWidth [1, W', W]. @returns [N, H', W', C].
 */
export function alongAxes(x: tf.Tensor4D, alongHeight: tf.Tensor3D, alongWidth: tf.Tensor3D): tf.Tensor4D {
  const [samples, height, width, channels] = x.shape;
  const tall = alongHeight.shape[1];
  const rows = tf.matMul(alongHeight, x.reshape<tf.Tensor3D>([samples, height, width * channels]));
  const columns = tf.matMul(alongWidth, rows.reshape<tf.Tensor3D>([samples * tall, width, channels]));
  return columns.reshape([samples, tall, alongWidth.shape[1], channels]);
}
