import * as tf from "./tf";

/** An attribute of a TensorFlow operation, in the addon's own form. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: number | boolean | string | readonly number[];
}

/** What one output of an executed operation is: a handle that the addon owns until it is deleted. */
export interface OpOutput {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** The part of the tfjs-node addon that this project calls. Numbers named TF_* are TensorFlow's enums. */
export interface NativeBinding {
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputIds: readonly number[],
    outputs: number,
  ): OpOutput[];
  createTensor(shape: readonly number[], dtype: number, values: ArrayLike<number>): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): ArrayLike<number>;
  /** Loads the graph of a folder with a `saved_model.pb`; gives its number. */
  loadSavedModel(folder: string, tags: string): number;
  /** @param inputNames `node:output` of each input, joined by commas; outputs alike. */
  runSavedModel(id: number, inputIds: readonly number[], inputNames: string, outputNames: string): OpOutput[];
  deleteSavedModel(id: number): void;
}

/** The `tensorflow` backend of tfjs-node, as far as this project uses it. */
export interface NativeBackend extends tf.KernelBackend {
  /** Replaced while operations are recorded. */
  binding: NativeBinding;
  readonly isUsingGpuDevice: boolean;
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  createOutputTensor(output: OpOutput): tf.Tensor;
  executeSingleOutput(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly tf.TensorInfo[],
  ): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly tf.TensorInfo[],
    outputs: number,
  ): tf.Tensor[];
}

/** The native backend where it is the active one, else undefined: callers then take their portable way. */
export function nativeBackend(): NativeBackend | undefined {
  if (tf.getBackend() !== "tensorflow") return undefined;
  // tfjs types a backend by its portable methods only; the name above says which class it is.
  return tf.backend() as NativeBackend;
}
