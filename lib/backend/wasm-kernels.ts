import * as tf from "./tf";

/** Kernels that training needs and that the wasm backend of tfjs 4.22 lacks. */

/** Kernels that are rare enough to be left to the plain JavaScript backend. */
const BORROWED = [
  tf.DepthwiseConv2dNativeBackpropFilter,
  tf.DepthwiseConv2dNativeBackpropInput,
  tf.UnsortedSegmentSum,
];

/** Registers them; the wasm and cpu backends must have been imported. */
export function registerWasmKernels(): void {
  tf.registerKernel({
    kernelName: tf.Conv2DBackpropFilter,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs }) => filterGradientKernel(inputs, attrs ?? {}),
  });
  for (const name of BORROWED) borrow(name);
}

function filterGradientKernel(inputs: tf.NamedTensorInfoMap, attrs: tf.NamedAttrMap): tf.Tensor {
  const { x, dy } = inputs;
  const { strides, pad, filterShape, dimRoundingMode } = attrs;
  if (x === undefined || dy === undefined) throw new Error("Conv2DBackpropFilter needs x and dy");
  const info = tf.backend_util.computeConv2DInfo(
    x.shape as Shape4D,
    filterShape as Shape4D,
    strides as [number, number],
    1,
    pad as "same" | "valid",
    dimRoundingMode as "floor" | undefined,
  );
  return filterGradient(tensorOf(x), tensorOf(dy), info);
}

type Shape4D = [number, number, number, number];

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
  // Exactly as many rows and columns as the slides need: some may be cropped, where a stride leaves them over.
  const height = filterHeight + (outHeight - 1) * strideHeight;
  const width = filterWidth + (outWidth - 1) * strideWidth;
  return tf.tidy(() => {
    const used = tf.slice(
      x,
      [0, 0, 0, 0],
      [-1, Math.min(inHeight, height - top), Math.min(inWidth, width - left), -1],
    );
    const bottom = height - top - (used.shape[1] ?? 0);
    const right = width - left - (used.shape[2] ?? 0);
    const padded = tf.pad(used, [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]);
    const samplesAsChannels = tf.transpose(padded, [3, 1, 2, 0]) as tf.Tensor4D; // [C, H, W, N]
    const slider = tf.transpose(dy, [1, 2, 0, 3]) as tf.Tensor4D; // [H', W', N, K]
    const gradient = tf.conv2d(samplesAsChannels, slider, 1, "valid", "NHWC", [strideHeight, strideWidth]); // [C, k, k, K]
    return tf.transpose(gradient, [1, 2, 0, 3]);
  });
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
  tf.registerKernel({ kernelName, backendName: "wasm", kernelFunc: borrowed });
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

/** A kernel gets descriptions of tensors; operations need the tensors themselves. */
function tensorOf(info: tf.TensorInfo): tf.Tensor4D {
  return info instanceof tf.Tensor
    ? (info as tf.Tensor4D)
    : (tf.engine().makeTensorFromTensorInfo(info) as tf.Tensor4D);
}
