import { nativeBackend, type NativeBackend, type OpAttribute } from "./native-ops";
import * as tf from "./tf";

/**
 * Mixed precision on the native backend: convolutions and matrix products read bfloat16 copies of their
 * inputs (8 bits of mantissa, the exponent of float32) and give float32 results; products are summed in
 * float32 inside. Everything else, and every stored value, stays float32. No loss scaling is needed, since
 * bfloat16 has the range of float32.
 */

/** TensorFlow's number for the type bfloat16; tfjs has no name for it. */
const DT_BFLOAT16 = 14;

/** Below this many multiplications, or channels on either side, the casts cost more than bfloat16 saves. */
const LEAST_MULTIPLICATIONS = 2 ** 22;
const LEAST_CHANNELS = 32;

const originals = new Map<string, tf.KernelConfig>();

/** Whether bfloat16 products run, and run right, on this backend and processor: tried on a small product. */
export function supportsBfloat16(): boolean {
  const native = nativeBackend();
  if (native === undefined) return false;
  try {
    return tf.tidy(() => {
      const a = tf.ones([16, 16]);
      return matMulBfloat16(native, a, a, false, false).dataSync()[0] === 16;
    });
  } catch {
    return false;
  }
}

/** Replaces the kernels of convolutions and matrix products. Does nothing where it was done before. */
export function enableBfloat16(): void {
  if (originals.size > 0) return;
  replace(tf.Conv2D, convolution);
  replace(tf.Conv2DBackpropInput, inputGradient);
  replace(tf.Conv2DBackpropFilter, filterGradient);
  replace(tf.BatchMatMul, matrixProduct);
}

/** Puts the float32 kernels back. */
export function disableBfloat16(): void {
  for (const [name, config] of originals) {
    tf.unregisterKernel(name, "tensorflow");
    tf.registerKernel(config);
  }
  originals.clear();
}

interface KernelCall {
  readonly inputs: tf.NamedTensorInfoMap;
  readonly attrs: tf.NamedAttrMap;
  readonly native: NativeBackend;
}

/** @returns undefined where the original kernel shall do it. */
type MixedKernel = (call: KernelCall) => tf.TensorInfo | undefined;

function replace(name: string, mixed: MixedKernel): void {
  const original = tf.getKernel(name, "tensorflow");
  originals.set(name, original);
  tf.unregisterKernel(name, "tensorflow");
  tf.registerKernel({
    ...original,
    kernelFunc: (call) => {
      const native = nativeBackend();
      const { inputs, attrs } = call;
      const result = native === undefined ? undefined : mixed({ inputs, attrs: attrs ?? {}, native });
      return result ?? original.kernelFunc(call);
    },
  });
}

const convolution: MixedKernel = ({ inputs, attrs, native }) => {
  const { x, filter } = inputs;
  const options = convolutionOptions(attrs, native);
  if (x === undefined || filter === undefined || options === undefined) return undefined;
  if (!pays(x.shape, filter.shape)) return undefined;
  return runBfloat16(native, tf.Conv2D, options, [x, filter]);
};

const inputGradient: MixedKernel = ({ inputs, attrs, native }) => {
  const { dy, filter } = inputs;
  const shape = attrs["inputShape"];
  const options = convolutionOptions(attrs, native);
  if (dy === undefined || filter === undefined || options === undefined || !isShape(shape)) return undefined;
  if (!pays(dy.shape, filter.shape)) return undefined;
  return withShape(shape, (sizes) =>
    runBfloat16(native, tf.Conv2DBackpropInput, options, [filter, dy], sizes, 0),
  );
};

const filterGradient: MixedKernel = ({ inputs, attrs, native }) => {
  const { x, dy } = inputs;
  const shape = attrs["filterShape"];
  const options = convolutionOptions(attrs, native);
  if (x === undefined || dy === undefined || options === undefined || !isShape(shape)) return undefined;
  if (!pays(dy.shape, shape)) return undefined;
  return withShape(shape, (sizes) =>
    runBfloat16(native, tf.Conv2DBackpropFilter, options, [x, dy], sizes, 1),
  );
};

const matrixProduct: MixedKernel = ({ inputs, attrs, native }) => {
  const { a, b } = inputs;
  if (a === undefined || b === undefined || a.dtype !== "float32" || b.dtype !== "float32") return undefined;
  const columns = b.shape[attrs["transposeB"] === true ? b.shape.length - 2 : b.shape.length - 1] ?? 0;
  if (tf.util.sizeFromShape(a.shape) * columns < LEAST_MULTIPLICATIONS) return undefined;
  return matMulBfloat16(native, a, b, attrs["transposeA"] === true, attrs["transposeB"] === true);
};

function matMulBfloat16(
  native: NativeBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): tf.Tensor {
  const type = native.binding.TF_ATTR_BOOL;
  const options = [
    { name: "adj_x", type, value: transposeA },
    { name: "adj_y", type, value: transposeB },
  ];
  return runBfloat16(native, "BatchMatMulV2", options, [a, b]);
}

/** Casts, runs the operation in bfloat16, casts back; `sizes` is an int32 input put at position `sizesAt`. */
function runBfloat16(
  native: NativeBackend,
  operation: string,
  options: readonly OpAttribute[],
  inputs: readonly tf.TensorInfo[],
  sizes?: tf.Tensor,
  sizesAt = 0,
): tf.Tensor {
  const { binding } = native;
  const halves = native
    .getInputTensorIds(inputs)
    .map((id) => cast(native, id, binding.TF_FLOAT, DT_BFLOAT16));
  const ids = [...halves];
  if (sizes !== undefined) ids.splice(sizesAt, 0, ...native.getInputTensorIds([sizes]));
  const attributes = [{ name: "T", type: binding.TF_ATTR_TYPE, value: DT_BFLOAT16 }, ...options];
  const [result] = binding.executeOp(operation, attributes, ids, 1);
  for (const id of halves) binding.deleteTensor(id);
  if (result === undefined) throw new Error(`${operation} gave no output`);
  const wide = cast(native, result.id, DT_BFLOAT16, binding.TF_FLOAT);
  binding.deleteTensor(result.id);
  return native.createOutputTensor({ id: wide, shape: result.shape, dtype: binding.TF_FLOAT });
}

function cast({ binding }: NativeBackend, id: number, from: number, to: number): number {
  const attributes = [
    { name: "SrcT", type: binding.TF_ATTR_TYPE, value: from },
    { name: "DstT", type: binding.TF_ATTR_TYPE, value: to },
    { name: "Truncate", type: binding.TF_ATTR_BOOL, value: false },
  ];
  const [output] = binding.executeOp("Cast", attributes, [id], 1);
  if (output === undefined) throw new Error("Cast gave no output");
  return output.id;
}

/** Attributes of the three convolution operations; undefined where the original kernel must do it. */
function convolutionOptions(attrs: tf.NamedAttrMap, { binding }: NativeBackend): OpAttribute[] | undefined {
  const { strides, pad, dilations, dataFormat } = attrs;
  if (pad !== "same" && pad !== "valid") return undefined;
  if (dataFormat !== "NHWC" || (dilations !== undefined && !pair(dilations).every((d) => d === 1)))
    return undefined;
  return [
    { name: "strides", type: binding.TF_ATTR_INT, value: [1, ...pair(strides), 1] },
    { name: "padding", type: binding.TF_ATTR_STRING, value: pad === "same" ? "SAME" : "VALID" },
    { name: "data_format", type: binding.TF_ATTR_STRING, value: "NHWC" },
    { name: "use_cudnn_on_gpu", type: binding.TF_ATTR_BOOL, value: true },
    { name: "dilations", type: binding.TF_ATTR_INT, value: [1, 1, 1, 1] },
  ];
}

/** A number for both axes, or one each. */
function pair(value: unknown): [number, number] {
  return Array.isArray(value) ? [Number(value[0]), Number(value[1])] : [Number(value), Number(value)];
}

function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.length === 4;
}

/** Whether a convolution is large enough: output pixels, or gradient pixels, times the kernel's taps. */
function pays(pixels: readonly number[], kernel: readonly number[]): boolean {
  const [n = 0, h = 0, w = 0] = pixels;
  const [, , inChannels = 0, outChannels = 0] = kernel;
  if (Math.min(inChannels, outChannels) < LEAST_CHANNELS) return false;
  return n * h * w * tf.util.sizeFromShape([...kernel]) >= LEAST_MULTIPLICATIONS;
}

function withShape<T>(shape: number[], action: (sizes: tf.Tensor) => T): T {
  const sizes = tf.tensor1d(shape, "int32");
  try {
    return action(sizes);
  } finally {
    sizes.dispose();
  }
}
