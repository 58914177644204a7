import { nativeBackend, type NativeBinding } from "./native-ops";

/** TensorFlow's number for float64, which tfjs does not know. */
const TF_DOUBLE = 2;

/** A matrix in double precision, row after row. */
interface Rows {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/** Values of one block of products (128 MB in double precision). */
const BLOCK_VALUES = 16 * 1024 * 1024;

/**
 * Products of every row of one matrix with every row of another, A B^T, multiplied and summed in double
 * precision by the native backend. Numbers cross its border as pairs of float32, high and low part, which keep
 * 48 of the 53 bits.
 *
 * @param a [N, K]. @param b [M, K].
 * @returns [N, M] row after row; undefined where the native backend is not the active one.
 */
export function nativeRowProducts(a: Rows, b: Rows): Float64Array | undefined {
  const binding = nativeBackend()?.binding;
  if (binding === undefined) return undefined;
  const products = new Float64Array(a.rows * b.rows);
  const blockRows = Math.max(1, Math.floor(BLOCK_VALUES / b.rows));
  const tensors = new DoubleTensors(binding);
  try {
    const right = tensors.upload(b.values, [b.rows, b.columns]);
    for (let first = 0; first < a.rows; first += blockRows) {
      const count = Math.min(blockRows, a.rows - first);
      const part = a.values.subarray(first * a.columns, (first + count) * a.columns);
      const block = tensors.within(() => {
        const left = tensors.upload(part, [count, a.columns]);
        return tensors.download(tensors.multiplyTransposed(left, right));
      });
      products.set(block, first * b.rows);
    }
  } finally {
    tensors.release();
  }
  return products;
}

/** Tensors of float64, which tfjs cannot hold: only their numbers in the addon. */
class DoubleTensors {
  private owned: number[] = [];

  constructor(private readonly binding: NativeBinding) {}

  upload(values: Float64Array, shape: readonly number[]): number {
    const high = new Float32Array(values);
    const low = new Float32Array(values.length);
    for (let i = 0; i < low.length; i++) low[i] = (values[i] as number) - (high[i] as number);
    const parts = [high, low].map((part) =>
      this.cast(this.own(this.binding.createTensor(shape, this.binding.TF_FLOAT, part)), [
        this.binding.TF_FLOAT,
        TF_DOUBLE,
      ]),
    );
    return this.execute("AddV2", [this.type("T", TF_DOUBLE)], parts);
  }

  download(id: number): Float64Array {
    const { TF_FLOAT } = this.binding;
    const high = this.cast(id, [TF_DOUBLE, TF_FLOAT]);
    const highAgain = this.cast(high, [TF_FLOAT, TF_DOUBLE]);
    const rest = this.execute("Sub", [this.type("T", TF_DOUBLE)], [id, highAgain]);
    const low = this.binding.tensorDataSync(this.cast(rest, [TF_DOUBLE, TF_FLOAT]));
    const values = new Float64Array(this.binding.tensorDataSync(high));
    for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) + (low[i] as number);
    return values;
  }

  multiplyTransposed(a: number, b: number): number {
    const { TF_ATTR_BOOL } = this.binding;
    return this.execute(
      "MatMul",
      [
        { name: "transpose_a", type: TF_ATTR_BOOL, value: false },
        { name: "transpose_b", type: TF_ATTR_BOOL, value: true },
        this.type("T", TF_DOUBLE),
      ],
      [a, b],
    );
  }

  /** Runs a part of a computation and frees its tensors. */
  within<T>(compute: () => T): T {
    const outer = this.owned;
    this.owned = [];
    try {
      return compute();
    } finally {
      this.release();
      this.owned = outer;
    }
  }

  release(): void {
    for (const id of this.owned.splice(0)) this.binding.deleteTensor(id);
  }

  private cast(id: number, [from, to]: readonly [number, number]): number {
    const truncate = { name: "Truncate", type: this.binding.TF_ATTR_BOOL, value: false };
    return this.execute("Cast", [this.type("SrcT", from), this.type("DstT", to), truncate], [id]);
  }

  private type(name: string, value: number): { name: string; type: number; value: number } {
    return { name, type: this.binding.TF_ATTR_TYPE, value };
  }

  private execute(
    name: string,
    attributes: Parameters<NativeBinding["executeOp"]>[1],
    inputs: readonly number[],
  ): number {
    const [output] = this.binding.executeOp(name, attributes, inputs, 1);
    if (output === undefined) throw new Error(`${name} gave no output`);
    return this.own(output.id);
  }

  private own(id: number): number {
    this.owned.push(id);
    return id;
  }
}
