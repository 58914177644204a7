import { withGradient } from "../../backend/custom-gradient";
import { nativeBackend, type NativeBackend } from "../../backend/native-ops";
import * as tf from "../../backend/tf";

/**
 * Adds one number per channel. On the native backend this is TensorFlow's BiasAdd with its own gradient
 * operation, which reads the tensor once; elsewhere a broadcast addition.
 *
 * @param x [N, H, W, K].
 * @param bias [K].
 */
export function addBias(x: tf.Tensor4D, bias: tf.Tensor1D): tf.Tensor4D {
  const native = nativeBackend();
  if (native === undefined) return x.add<tf.Tensor4D>(bias);
  return withGradient(
    [x, bias],
    () => ({ value: run(native, "BiasAdd", [x, bias]) as tf.Tensor4D, saved: [] }),
    (dy) => [dy, sumPerChannel(native, dy)],
  );
}

/** The sum over N, H and W, [K]; its own gradient spreads a value over them again. */
function sumPerChannel(native: NativeBackend, dy: tf.Tensor4D): tf.Tensor {
  const { shape } = dy;
  return withGradient(
    [dy],
    () => ({ value: run(native, "BiasAddGrad", [dy]), saved: [] }),
    (dd) => [tf.broadcastTo(dd, shape)],
  );
}

function run(native: NativeBackend, operation: string, inputs: readonly tf.Tensor[]): tf.Tensor {
  const { TF_ATTR_TYPE, TF_ATTR_STRING, TF_FLOAT } = native.binding;
  const attributes = [
    { name: "T", type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: "data_format", type: TF_ATTR_STRING, value: "NHWC" },
  ];
  return native.executeSingleOutput(operation, attributes, inputs);
}
