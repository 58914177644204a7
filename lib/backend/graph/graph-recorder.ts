import type { DrawWatcher, Key } from "../rng";
import type { NativeBackend, NativeBinding, OpAttribute } from "../native-ops";
import * as tf from "../tf";
import type { GraphNode } from "./saved-model";

/** A position in the path of forks from one Rng to another. */
export type ForkPath = readonly (string | number)[];

/**
 * Writes down every operation that the native backend executes while a function runs, as nodes of a graph.
 *
 * Tensors given as inputs become placeholders, seeds of watched random draws too; every other tensor that was
 * there before becomes a constant with its present value. The operations really run, so that shapes and types
 * are known; what they leave in memory is freed by `finish`.
 */
export class GraphRecorder implements DrawWatcher {
  readonly nodes: GraphNode[] = [];
  /** The path of each random draw, in the order of the placeholders `seed0`, `seed1`, ... */
  readonly seedPaths: ForkPath[] = [];
  private readonly outputOf = new Map<number, string>();
  private readonly known = new Map<number, { readonly shape: readonly number[]; readonly dtype: number }>();
  private readonly unneeded: number[] = [];

  /** Reads a tensor's values past the watch. */
  private readonly read: (id: number) => ArrayLike<number>;

  constructor(private readonly native: NativeBackend) {
    const { binding } = native;
    this.read = (id) => binding.tensorDataSync(id);
  }

  /** Makes a tensor an input of the graph. */
  input(name: string, tensor: tf.Tensor): void {
    const [id = -1] = this.native.getInputTensorIds([tensor]);
    const { TF_ATTR_TYPE, TF_ATTR_SHAPE } = this.native.binding;
    const dtype = dtypeNumber(tensor.dtype, this.native.binding);
    const attributes: readonly OpAttribute[] = [
      { name: "dtype", type: TF_ATTR_TYPE, value: dtype },
      { name: "shape", type: TF_ATTR_SHAPE, value: tensor.shape },
    ];
    this.nodes.push({ name, operation: "Placeholder", inputs: [], attributes, shape: tensor.shape });
    this.outputOf.set(id, `${name}:0`);
  }

  /** The seed of a watched draw: another one in each run of the graph. */
  seed(path: ForkPath, key: Key): tf.Tensor1D {
    const tensor = tf.tensor1d([...key], "int32");
    this.input(`seed${this.seedPaths.length}`, tensor);
    this.seedPaths.push(path);
    return tensor;
  }

  /** Runs `action` and writes down what it computes. */
  record<T>(action: () => T): T {
    const { native } = this;
    const { binding } = native;
    const getInputTensorIds = native.getInputTensorIds.bind(native);
    native.binding = this.watched(binding);
    native.getInputTensorIds = (tensors) => {
      const ids = getInputTensorIds(tensors);
      tensors.forEach(({ shape, dtype }, i) => {
        this.known.set(ids[i] ?? -1, { shape, dtype: dtypeNumber(dtype, binding) });
      });
      return ids;
    };
    try {
      return action();
    } finally {
      native.binding = binding;
      native.getInputTensorIds = getInputTensorIds;
    }
  }

  /** Makes a tensor an output of the graph; call it while recording, so that constants become nodes. */
  output(tensor: tf.Tensor): string {
    const [id = -1] = this.native.getInputTensorIds([tensor]);
    const source = this.sourceOf(id);
    // TensorFlow refuses an output that is an input as well.
    const name = `output${this.nodes.length}`;
    const { binding } = this.native;
    const type = { name: "T", type: binding.TF_ATTR_TYPE, value: dtypeNumber(tensor.dtype, binding) };
    this.nodes.push({ name, operation: "Identity", inputs: [source], attributes: [type] });
    return `${name}:0`;
  }

  /** Frees the tensors that the recorded function freed. */
  finish(): void {
    for (const id of this.unneeded.splice(0)) this.native.binding.deleteTensor(id);
  }

  /** The addon with the three functions that make, change and free tensors watched. */
  private watched(binding: NativeBinding): NativeBinding {
    const copy: Record<string, unknown> = {};
    for (const name of Object.getOwnPropertyNames(binding)) copy[name] = Reflect.get(binding, name);
    const watching: Partial<NativeBinding> = {
      executeOp: (name, attributes, inputIds, outputs) => {
        const inputs = inputIds.map((id) => this.sourceOf(id));
        const results = binding.executeOp(name, attributes, inputIds, outputs);
        const node = `op${this.nodes.length}`;
        this.nodes.push({
          name: node,
          operation: name,
          inputs,
          attributes: complete(name, attributes, results[0]?.dtype, binding),
          shape: results[0]?.shape ?? [],
        });
        results.forEach(({ id }, i) => this.outputOf.set(id, `${node}:${i}`));
        return results;
      },
      createTensor: (shape, dtype, values) => {
        const id = binding.createTensor(shape, dtype, values);
        this.addConstant(id, shape, dtype, values, binding);
        return id;
      },
      // Ids must stay valid until the end: the recording refers to them.
      deleteTensor: (id) => {
        this.unneeded.push(id);
      },
      tensorDataSync: () => {
        throw new Error("a function that is recorded as a graph cannot read the values of a tensor");
      },
    };
    return Object.assign(copy, watching) as unknown as NativeBinding;
  }

  /** Where an input comes from; a tensor of before the recording becomes a constant. */
  private sourceOf(id: number): string {
    const known = this.known.get(id);
    if (!this.outputOf.has(id) && known !== undefined)
      this.addConstant(id, known.shape, known.dtype, this.read(id), this.native.binding);
    const name = this.outputOf.get(id);
    if (name === undefined) throw new Error("an operation reads a tensor of unknown shape");
    return name;
  }

  private addConstant(
    id: number,
    shape: readonly number[],
    dtype: number,
    values: ArrayLike<number>,
    binding: NativeBinding,
  ): void {
    const name = `constant${this.nodes.length}`;
    const attributes = [{ name: "dtype", type: binding.TF_ATTR_TYPE, value: dtype }];
    const value = { shape: [...shape], dtype, bytes: bytesOf(values, dtype, binding) };
    this.nodes.push({ name, operation: "Const", inputs: [], attributes, shape: value.shape, value });
    this.outputOf.set(id, `${name}:0`);
  }
}

/** Eager execution infers types that tfjs leaves out; a graph must have them written down. */
function complete(
  operation: string,
  attributes: readonly OpAttribute[],
  dtype: number | undefined,
  { TF_ATTR_TYPE, TF_INT32, TF_FLOAT }: NativeBinding,
): readonly OpAttribute[] {
  if (operation !== "ExpandDims") return attributes;
  return [
    { name: "T", type: TF_ATTR_TYPE, value: dtype ?? TF_FLOAT },
    { name: "Tdim", type: TF_ATTR_TYPE, value: TF_INT32 },
  ];
}

function dtypeNumber(dtype: tf.DataType, binding: NativeBinding): number {
  switch (dtype) {
    case "float32":
      return binding.TF_FLOAT;
    case "int32":
      return binding.TF_INT32;
    case "bool":
      return binding.TF_BOOL;
    default:
      throw new Error(`a recorded graph cannot hold tensors of ${dtype}`);
  }
}

function bytesOf(values: ArrayLike<number>, dtype: number, binding: NativeBinding): Uint8Array {
  if (dtype === binding.TF_BOOL) return Uint8Array.from(values);
  const typed = dtype === binding.TF_INT32 ? Int32Array.from(values) : Float32Array.from(values);
  if (dtype !== binding.TF_INT32 && dtype !== binding.TF_FLOAT)
    throw new Error(`a recorded graph cannot hold constants of TensorFlow's type ${dtype}`);
  return new Uint8Array(typed.buffer);
}
