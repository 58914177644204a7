import { nativeBackend, type NativeBackend, type OpAttribute } from "./native-ops";
import { multipliesBfloat16 } from "./processor";
import * as tf from "./tf";

/**
 * Products in another number format, on the native backend: convolutions and matrix products read copies of
 * their inputs in that format and give float32 results. Everything else, and every stored value, stays float32.
 *
 * bfloat16 (8 bits of mantissa, the exponent of float32; sums in float32 inside) makes training faster. No
 * loss scaling is needed, since it has the range of float32. float64 makes sums exact, to compare with other
 * implementations: most of the rounding error of a network arises there.
 */
export type ProductFormat = "bfloat16" | "float64";

/** TensorFlow's numbers for types of which tfjs knows none. */
const TYPES = { bfloat16: 14, float64: 2 } as const satisfies Record<ProductFormat, number>;

/**
 * Below so many multiplications in all, and for each value that is cast, bfloat16 saves less than the casts cost:
 * on a Zen 4 core convolutions 3x3 of 32 to 32 channels (144 a value) took 0.80 to 0.98 of the time with casts
 * counted, of 64 to 64 channels (288) 0.6 to 0.8, of 16 to 16 (72) 0.9 to 1.4; 37 million multiplications are
 * where 8x8 pixels stop losing.
 */
const LEAST_MULTIPLICATIONS = 2 ** 25;
const LEAST_PER_VALUE = 128;

/** The same for matrix products, which take bfloat16 without reordering: a Swin step took 0.87 of the time. */
const LEAST_IN_MATRICES = { multiplications: 2 ** 21, perValue: 40 } as const;

let enabled: ProductFormat | undefined;
const originals = new Map<string, tf.KernelConfig>();

/**
 * Whether bfloat16 products run, and run right, on this backend and processor: it has the instructions, and a small
 * product comes out.
 */
export function supportsBfloat16(): boolean {
  const native = nativeBackend();
  if (native === undefined || !multipliesBfloat16()) return false;
  try {
    return tf.tidy(() => {
      const a = tf.ones([16, 16]);
      const call = { inputs: { a, b: a }, attrs: {}, native, format: "bfloat16" as const };
      return matMulIn(call, a, a).dataSync()[0] === 16;
    });
  } catch {
    return false;
  }
}

/** Replaces the kernels of convolutions and matrix products. Does nothing where it was done before. */
export function enableProducts(format: ProductFormat): void {
  if (enabled !== undefined) return;
  enabled = format;
  replace(tf.Conv2D, format, convolution);
  replace(tf.Conv2DBackpropInput, format, inputGradient);
  replace(tf.Conv2DBackpropFilter, format, filterGradient);
  replace(tf.BatchMatMul, format, matrixProduct);
}

/** The format in use where it is not float32. */
export function enabledProducts(): ProductFormat | undefined {
  return enabled;
}

/** Puts the float32 kernels back. */
export function disableProducts(): void {
  for (const [name, config] of originals) {
    tf.unregisterKernel(name, "tensorflow");
    tf.registerKernel(config);
  }
  originals.clear();
  enabled = undefined;
}

interface KernelCall {
  readonly inputs: tf.NamedTensorInfoMap;
  readonly attrs: tf.NamedAttrMap;
  readonly native: NativeBackend;
  readonly format: ProductFormat;
}

/** @returns undefined where the original kernel shall do it. */
type MixedKernel = (call: KernelCall) => tf.TensorInfo | undefined;

function replace(name: string, format: ProductFormat, mixed: MixedKernel): void {
  const original = tf.getKernel(name, "tensorflow");
  originals.set(name, original);
  tf.unregisterKernel(name, "tensorflow");
  tf.registerKernel({
    ...original,
    kernelFunc: (call) => {
      const native = nativeBackend();
      const { inputs, attrs } = call;
      const result = native === undefined ? undefined : mixed({ inputs, attrs: attrs ?? {}, native, format });
      return result ?? original.kernelFunc(call);
    },
  });
}

const convolution: MixedKernel = (call) => {
  const { x, filter } = call.inputs;
  const options = convolutionOptions(call);
  if (x === undefined || filter === undefined || options === undefined) return undefined;
  if (!convolutionPays(call, x.shape, strided(x.shape, call), filter.shape)) return undefined;
  return runIn(call, tf.Conv2D, options, [x, filter]);
};

const inputGradient: MixedKernel = (call) => {
  const { dy, filter } = call.inputs;
  const shape = call.attrs["inputShape"];
  const options = convolutionOptions(call);
  if (dy === undefined || filter === undefined || options === undefined || !isShape(shape)) return undefined;
  if (!convolutionPays(call, shape, dy.shape, filter.shape)) return undefined;
  return withShape(shape, (sizes) =>
    runIn(call, tf.Conv2DBackpropInput, options, [filter, dy], { sizes, at: 0 }),
  );
};

const filterGradient: MixedKernel = (call) => {
  const { x, dy } = call.inputs;
  const shape = call.attrs["filterShape"];
  const options = convolutionOptions(call);
  if (x === undefined || dy === undefined || options === undefined || !isShape(shape)) return undefined;
  if (!convolutionPays(call, x.shape, dy.shape, shape)) return undefined;
  return withShape(shape, (sizes) =>
    runIn(call, tf.Conv2DBackpropFilter, options, [x, dy], { sizes, at: 1 }),
  );
};

const matrixProduct: MixedKernel = (call) => {
  const { a, b } = call.inputs;
  if (a === undefined || b === undefined || a.dtype !== "float32" || b.dtype !== "float32") return undefined;
  const axis = (tensor: tf.TensorInfo, fromEnd: number) => tensor.shape[tensor.shape.length - fromEnd] ?? 0;
  const [transposedA, transposedB] = [call.attrs["transposeA"] === true, call.attrs["transposeB"] === true];
  const [rows, inner] = transposedA ? [axis(a, 1), axis(a, 2)] : [axis(a, 2), axis(a, 1)];
  const columns = axis(b, transposedB ? 2 : 1);
  const [sizeA, sizeB] = [tf.util.sizeFromShape(a.shape), tf.util.sizeFromShape(b.shape)];
  // Either may be one matrix for all.
  const products = Math.max(sizeA / (rows * inner), sizeB / (inner * columns));
  const multiplications = products * rows * inner * columns;
  const values = sizeA + sizeB + products * rows * columns;
  if (!pays(call, multiplications, values, LEAST_IN_MATRICES)) return undefined;
  return matMulIn(call, a, b);
};

function matMulIn(call: KernelCall, a: tf.TensorInfo, b: tf.TensorInfo): tf.Tensor {
  const type = call.native.binding.TF_ATTR_BOOL;
  const options = [
    { name: "adj_x", type, value: call.attrs["transposeA"] === true },
    { name: "adj_y", type, value: call.attrs["transposeB"] === true },
  ];
  return runIn(call, "BatchMatMulV2", options, [a, b]);
}

/** Casts, runs the operation in the call's format, casts back; `sizes` is an int32 input put at position `at`. */
function runIn(
  { native, format }: KernelCall,
  operation: string,
  options: readonly OpAttribute[],
  inputs: readonly tf.TensorInfo[],
  shape?: { readonly sizes: tf.Tensor; readonly at: number },
): tf.Tensor {
  const { binding } = native;
  const type = TYPES[format];
  const copies = native.getInputTensorIds(inputs).map((id) => castTo(native, id, binding.TF_FLOAT, type));
  const ids = [...copies];
  if (shape !== undefined) ids.splice(shape.at, 0, ...native.getInputTensorIds([shape.sizes]));
  const attributes = [{ name: "T", type: binding.TF_ATTR_TYPE, value: type }, ...options];
  const [result] = binding.executeOp(operation, attributes, ids, 1);
  for (const id of copies) binding.deleteTensor(id);
  if (result === undefined) throw new Error(`${operation} gave no output`);
  const narrow = castTo(native, result.id, type, binding.TF_FLOAT);
  binding.deleteTensor(result.id);
  return native.createOutputTensor({ id: narrow, shape: result.shape, dtype: binding.TF_FLOAT });
}

/** A copy of a tensor in another of TensorFlow's types; both are the addon's numbers. */
export function castTo({ binding }: NativeBackend, id: number, from: number, to: number): number {
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
function convolutionOptions({ attrs, native: { binding } }: KernelCall): OpAttribute[] | undefined {
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

/** @param larger Shape of the images that the convolution reads. @param smaller Of those that it makes. */
function convolutionPays(
  call: KernelCall,
  larger: readonly number[],
  smaller: readonly number[],
  kernel: readonly number[],
): boolean {
  const [height = 0, width = 0, inChannels = 0, outChannels = 0] = kernel;
  const pixels = ([n = 0, h = 0, w = 0]: readonly number[]) => n * h * w;
  const kernelSize = height * width * inChannels * outChannels;
  const values = pixels(larger) * inChannels + pixels(smaller) * outChannels + kernelSize;
  return pays(call, pixels(smaller) * kernelSize, values);
}

/** The images' shape at the stride's steps, as far as the count of pixels goes. */
function strided([n = 0, h = 0, w = 0]: readonly number[], { attrs }: KernelCall): number[] {
  const [down, across] = pair(attrs["strides"]);
  return [n, Math.ceil(h / down), Math.ceil(w / across)];
}

/** Whether a product is large enough. @param values How many are cast, there and back. */
function pays(
  { format }: KernelCall,
  multiplications: number,
  values: number,
  least = { multiplications: LEAST_MULTIPLICATIONS, perValue: LEAST_PER_VALUE },
): boolean {
  if (format === "float64") return true; // exactness is the purpose
  return multiplications >= least.multiplications && multiplications >= least.perValue * values;
}

function withShape<T>(shape: number[], action: (sizes: tf.Tensor) => T): T {
  const sizes = tf.tensor1d(shape, "int32");
  try {
    return action(sizes);
  } finally {
    sizes.dispose();
  }
}
