import { withGradient } from "../../backend/custom-gradient";
import { nativeBackend, type NativeBackend } from "../../backend/native-ops";
import * as tf from "../../backend/tf";

/**
 * Bilinear resampling with pixel centres at half coordinates (PyTorch's align_corners = false), enlarging.
 *
 * @param x [N, H, W, C].
 * @param size The new height and width, each at least the present one.
 */
export function resizeBilinear(x: tf.Tensor4D, size: readonly [number, number]): tf.Tensor4D {
  const [, height, width] = x.shape;
  if (height === size[0] && width === size[1]) return x;
  const native = nativeBackend();
  return withGradient(
    [x],
    // The input goes along for its shape alone: TensorFlow's gradient operation reads that from it.
    () => ({ value: tf.image.resizeBilinear(x, [...size], false, true), saved: [x] }),
    (dy, [input]) => [
      native === undefined ? adjoint(dy, [height, width]) : adjointNative(native, dy, input ?? x),
    ],
  );
}

/** tfjs's gradient kernel forgets the half pixel centres, so TensorFlow's is called with them. */
function adjointNative(native: NativeBackend, dy: tf.Tensor4D, input: tf.Tensor): tf.Tensor {
  const { TF_ATTR_TYPE, TF_ATTR_BOOL, TF_FLOAT } = native.binding;
  const attributes = [
    { name: "T", type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: "align_corners", type: TF_ATTR_BOOL, value: false },
    { name: "half_pixel_centers", type: TF_ATTR_BOOL, value: true },
  ];
  return native.executeSingleOutput("ResizeBilinearGrad", attributes, [dy, input]);
}

/** The transposed weights applied along each axis, from the enlarged size back to `size`. */
function adjoint(dy: tf.Tensor4D, [height, width]: readonly [number, number]): tf.Tensor {
  const [samples, tall, wide, channels] = dy.shape;
  const rows = transposedWeights(height, tall).matMul(
    dy.reshape<tf.Tensor3D>([samples, tall, wide * channels]),
  );
  const columns = transposedWeights(width, wide).matMul(rows.reshape([samples * height, wide, channels]));
  return columns.reshape([samples, height, width, channels]);
}

/** Weight of each of `from` pixels in each of `to` pixels of one axis, [1, from, to]. */
export function transposedWeights(from: number, to: number): tf.Tensor3D {
  const values = new Float32Array(from * to);
  for (let j = 0; j < to; j++) {
    const centre = Math.max(0, ((j + 0.5) * from) / to - 0.5);
    const low = Math.min(Math.floor(centre), from - 1);
    const high = Math.min(low + 1, from - 1);
    values[low * to + j] = (values[low * to + j] ?? 0) + 1 - (centre - low);
    values[high * to + j] = (values[high * to + j] ?? 0) + (centre - low);
  }
  return tf.tensor3d(values, [1, from, to]);
}
