import { withGradient } from "./custom-gradient";
import { castTo } from "./mixed-precision";
import type { NativeBackend, OpAttribute } from "./native-ops";
import { isNarrow, narrowTensor, TF_BFLOAT16 } from "./narrow-tensors";
import * as tf from "./tf";

export interface NarrowConvolution {
  readonly stride: number;
  readonly padding: "same" | "valid";
  /** Whether the result stays in bfloat16, for an operation that reads it so. */
  readonly narrowResult: boolean;
}

/**
 * A convolution in bfloat16 that reads and writes tensors of that type where neighbours do too, and so needs no
 * casts; the gradient of an input in bfloat16 is in bfloat16. Differentiable once.
 *
 * @param x [N, H, W, C]. @param kernel [k, k, C, K], float32. @returns [N, H', W', K].
 */
export function narrowConvolution(
  native: NativeBackend,
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  config: NarrowConvolution,
): tf.Tensor4D {
  const { narrowResult } = config;
  const narrowInput = isNarrow(x);
  return withGradient<tf.Tensor4D>(
    [x, kernel],
    () => {
      const value = run(native, tf.Conv2D, [x, kernel], config, narrowResult);
      return { value: value as tf.Tensor4D, saved: [x, kernel] };
    },
    (dy, [input, weights]) => {
      if (!input || !weights) throw new Error("the convolution saved no tensors");
      const g = narrowed(native, dy);
      const dx = run(native, tf.Conv2DBackpropInput, [sizes(input), weights, g], config, narrowInput);
      return [dx, run(native, tf.Conv2DBackpropFilter, [input, sizes(weights), g], config, false)];
    },
  );
}

function sizes({ shape }: tf.Tensor): tf.Tensor1D {
  return tf.tensor1d(shape, "int32");
}

/** Runs one of the three operations of a convolution, casting what is not bfloat16 yet. */
function run(
  native: NativeBackend,
  operation: string,
  inputs: readonly tf.Tensor[],
  { stride, padding }: NarrowConvolution,
  narrowResult: boolean,
): tf.Tensor {
  const { binding } = native;
  const read = inputs.map((input) => (input.dtype === "int32" ? input : narrowed(native, input)));
  const attributes: OpAttribute[] = [
    { name: "T", type: binding.TF_ATTR_TYPE, value: TF_BFLOAT16 },
    { name: "strides", type: binding.TF_ATTR_INT, value: [1, stride, stride, 1] },
    { name: "padding", type: binding.TF_ATTR_STRING, value: padding === "same" ? "SAME" : "VALID" },
    { name: "data_format", type: binding.TF_ATTR_STRING, value: "NHWC" },
    { name: "use_cudnn_on_gpu", type: binding.TF_ATTR_BOOL, value: true },
    { name: "dilations", type: binding.TF_ATTR_INT, value: [1, 1, 1, 1] },
  ];
  const [result] = binding.executeOp(operation, attributes, native.getInputTensorIds(read), 1);
  if (result === undefined) throw new Error(`${operation} gave no output`);
  if (narrowResult) return narrowTensor(native, result);
  const id = castTo(native, result.id, TF_BFLOAT16, binding.TF_FLOAT);
  binding.deleteTensor(result.id);
  return native.createOutputTensor({ id, shape: result.shape, dtype: binding.TF_FLOAT });
}

function narrowed(native: NativeBackend, x: tf.Tensor): tf.Tensor {
  if (isNarrow(x)) return x;
  const [id = -1] = native.getInputTensorIds([x]);
  const cast = castTo(native, id, native.binding.TF_FLOAT, TF_BFLOAT16);
  return narrowTensor(native, { id: cast, shape: x.shape, dtype: TF_BFLOAT16 });
}
