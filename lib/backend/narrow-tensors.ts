import { kernelBackend } from "./native-kernels";
import { enabledProducts } from "./mixed-precision";
import type { NativeBackend, OpOutput } from "./native-ops";
import type * as tf from "./tf";

/** TensorFlow's number for bfloat16, which tfjs does not know. */
export const TF_BFLOAT16 = 14;

/**
 * Tensors whose values TensorFlow holds in bfloat16, while tfjs takes them for float32. Only operations that ask
 * `isNarrow` may read them: convolutions here, and fused norms. A product that is bfloat16 anyway loses nothing
 * by staying so until the next operation reads it, and each way saves a pass over the image.
 */
const narrow = new WeakSet<tf.TensorInfo["dataId"]>();

/** Whether a tensor is held in bfloat16; its copies (clone) are too. */
export function isNarrow({ dataId }: tf.TensorInfo): boolean {
  return narrow.has(dataId);
}

/** The backend where products are in bfloat16 and the operations around them can read and write that. */
export function narrowBackend(): NativeBackend | undefined {
  return enabledProducts() === "bfloat16" ? kernelBackend() : undefined;
}

/** A tensor of an operation's output in bfloat16. */
export function narrowTensor(native: NativeBackend, { id, shape }: OpOutput): tf.Tensor {
  const tensor = native.createOutputTensor({ id, shape, dtype: native.binding.TF_FLOAT });
  narrow.add(tensor.dataId);
  return tensor;
}

/** TensorFlow's number of the type of a tensor that tfjs takes for float32. */
export function typeNumber(native: NativeBackend, tensor: tf.TensorInfo): number {
  return isNarrow(tensor) ? TF_BFLOAT16 : native.binding.TF_FLOAT;
}
