import * as tf from "./tf";

/** Kernels that are rare enough to be left to the plain JavaScript backend. */
const BORROWED = [
  tf.DepthwiseConv2dNativeBackpropFilter,
  tf.DepthwiseConv2dNativeBackpropInput,
  tf.UnsortedSegmentSum,
  // There is one on wasm, but its results are wrong.
  tf.MaxPoolGrad,
];

/**
 * Registers the kernels that training needs and that the wasm backend of tfjs 4.22 lacks. It and the cpu
 * backend must have been imported.
 */
export function registerWasmKernels(): void {
  register(tf.Conv2DBackpropFilter, ({ x, dy }, attrs) => {
    const info = convolutionInfo(x, attrs["filterShape"], attrs);
    return filterGradient(tensorOf(x), tensorOf(dy), info);
  });
  // There is one on wasm, but it runs at a tenth of the speed.
  register(tf.Conv2DBackpropInput, ({ dy, filter }, attrs) => {
    const info = convolutionInfo(attrs["inputShape"], filter, attrs);
    return inputGradient(tensorOf(dy), tensorOf(filter), info);
  });
  for (const name of BORROWED) borrow(name);
}

type Kernel = (inputs: tf.NamedTensorInfoMap, attrs: tf.NamedAttrMap) => tf.TensorInfo;

function register(kernelName: string, kernel: Kernel): void {
  replaceKernel(kernelName, ({ inputs, attrs }) => kernel(inputs, attrs ?? {}));
}

function replaceKernel(kernelName: string, kernelFunc: tf.KernelFunc): void {
  if (tf.getKernel(kernelName, "wasm") !== undefined) tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel({ kernelName, backendName: "wasm", kernelFunc });
}

type Shape4D = [number, number, number, number];

/** @param input Its shape, or a tensor of it. @param filter Likewise. */
function convolutionInfo(
  input: unknown,
  filter: unknown,
  attrs: tf.NamedAttrMap,
): tf.backend_util.Conv2DInfo {
  const shapeOf = (value: unknown): Shape4D =>
    (Array.isArray(value) ? value : (value as tf.TensorInfo).shape) as Shape4D;
  const { strides, pad, dimRoundingMode, dataFormat } = attrs;
  if (dataFormat !== undefined && dataFormat !== "NHWC")
    throw new Error(`data format ${dataFormat} is not supported on wasm`);
  return tf.backend_util.computeConv2DInfo(
    shapeOf(input),
    shapeOf(filter),
    strides as [number, number],
    1,
    pad as "same" | "valid",
    dimRoundingMode as "floor" | undefined,
  );
}

/**
 * The gradient of a convolution's kernel, as a convolution: with samples as channels and channels as samples,
 * the gradient of the output slides over the input, in steps of the stride (a dilation).
 *
 * @param x [N, H, W, C]. @param dy [N, H', W', K]. @returns [k, k, C, K].
 */
function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, info: tf.backend_util.Conv2DInfo): tf.Tensor4D {
  const { filterHeight, filterWidth, inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth } =
    info;
  const { top, left } = info.padInfo;
  // Exactly as many rows and columns as the slides need: a stride may leave some over.
  const height = filterHeight + (outHeight - 1) * strideHeight;
  const width = filterWidth + (outWidth - 1) * strideWidth;
  return tf.tidy(() => {
    const used = tf.slice(
      x,
      [0, 0, 0, 0],
      [-1, Math.min(inHeight, height - top), Math.min(inWidth, width - left), -1],
    );
    const [, usedHeight, usedWidth] = used.shape;
    const padded = padPixels(used, [top, height - top - usedHeight], [left, width - left - usedWidth]);
    const samplesAsChannels = tf.transpose(padded, [3, 1, 2, 0]); // [C, H, W, N]
    const slider = tf.transpose(dy, [1, 2, 0, 3]); // [H', W', N, K]
    const gradient = tf.conv2d(samplesAsChannels, slider, 1, "valid", "NHWC", [strideHeight, strideWidth]); // [C, k, k, K]
    return tf.transpose(gradient, [1, 2, 0, 3]);
  });
}

/**
 * The gradient of a convolution's input, as a convolution: the turned kernel over the gradient of the output,
 * with zeros between its pixels where there is a stride.
 *
 * @param dy [N, H', W', K]. @param filter [k, k, C, K]. @returns [N, H, W, C].
 */
function inputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, info: tf.backend_util.Conv2DInfo): tf.Tensor4D {
  const { filterHeight, filterWidth, inHeight, inWidth, strideHeight, strideWidth } = info;
  const { top, left } = info.padInfo;
  return tf.tidy(() => {
    const spread = spreadPixels(dy, strideHeight, strideWidth);
    const [, height, width] = spread.shape;
    const [above, before] = [filterHeight - 1 - top, filterWidth - 1 - left];
    const below = inHeight + filterHeight - 1 - above - height;
    const after = inWidth + filterWidth - 1 - before - width;
    const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]); // [k, k, K, C]
    return tf.conv2d(padPixels(spread, [above, below], [before, after]), turned, 1, "valid");
  });
}

/** Zeros between the pixels: [N, H, W, K] to [N, (H - 1) s + 1, (W - 1) s + 1, K]. */
function spreadPixels(dy: tf.Tensor4D, strideHeight: number, strideWidth: number): tf.Tensor4D {
  if (strideHeight === 1 && strideWidth === 1) return dy;
  const [n, h, w, k] = dy.shape;
  const rows = tf.pad(tf.reshape(dy, [n, h, 1, w * k]), [
    [0, 0],
    [0, 0],
    [0, strideHeight - 1],
    [0, 0],
  ]);
  const pixels = tf.pad(tf.reshape(rows, [n * h * strideHeight, w, 1, k]), [
    [0, 0],
    [0, 0],
    [0, strideWidth - 1],
    [0, 0],
  ]);
  const spread = tf.reshape(pixels, [n, h * strideHeight, w * strideWidth, k]);
  return tf.slice(
    spread,
    [0, 0, 0, 0],
    [n, (h - 1) * strideHeight + 1, (w - 1) * strideWidth + 1, k],
  ) as tf.Tensor4D;
}

function padPixels(x: tf.Tensor4D, rows: [number, number], columns: [number, number]): tf.Tensor4D {
  if ([...rows, ...columns].every((count) => count === 0)) return x;
  return tf.pad(x, [[0, 0], rows, columns, [0, 0]]);
}

/** Registers a kernel that copies its inputs to the JavaScript backend, computes there and copies back. */
function borrow(kernelName: string): void {
  const { kernelFunc } = tf.getKernel(kernelName, "cpu");
  const borrowed: tf.KernelFunc = ({ inputs, attrs, backend }) => {
    const script = scriptBackend();
    const wasm = backend as ValueBackend;
    const there: tf.NamedTensorInfoMap = {};
    for (const [name, tensor] of Object.entries(inputs)) if (tensor) there[name] = copy(tensor, wasm, script);
    const result = kernelFunc({ inputs: there, backend: script, ...(attrs === undefined ? {} : { attrs }) });
    if (Array.isArray(result)) throw new Error(`${kernelName} has several outputs`);
    const back = copy(result, script, wasm);
    for (const info of [...Object.values(there), result]) if (info) script.disposeData(info.dataId);
    return back;
  };
  replaceKernel(kernelName, borrowed);
}

/** The part that the wasm and the JavaScript backend share. */
interface ValueBackend extends tf.KernelBackend {
  readSync(dataId: tf.DataId): tf.BackendValues;
  write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId;
  /** Whether the next write prints advice to install a native backend. */
  firstUse?: boolean;
}

function scriptBackend(): ValueBackend {
  const script = tf.findBackend("cpu") as ValueBackend;
  script.firstUse = false;
  return script;
}

function copy({ dataId, shape, dtype }: tf.TensorInfo, from: ValueBackend, to: ValueBackend): tf.TensorInfo {
  return { dataId: to.write(from.readSync(dataId), shape, dtype), shape, dtype };
}

/** Kernels are declared for descriptions of tensors, but operations pass tensors. */
function tensorOf(info: tf.TensorInfo | undefined): tf.Tensor4D {
  if (!(info instanceof tf.Tensor)) throw new Error("the kernel needs tensors");
  return info as tf.Tensor4D;
}
