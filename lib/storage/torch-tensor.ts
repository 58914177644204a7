import type { PickleValue } from "./pickle";
import type { ElementType } from "./safetensors";

/** A run of values that tensors of a file share. */
export interface Storage {
  readonly dtype: ElementType;
  readonly elementBytes: number;
  readonly count: number;
  /** Filled in when the file's values are reached. */
  bytes: Uint8Array | undefined;
}

/** A tensor as PyTorch stores it: a part of a storage, with steps along its axes. */
export class TensorView {
  private constructor(
    readonly storage: Storage,
    /** First element. */
    readonly offset: number,
    readonly shape: readonly number[],
    /** Elements from one place of an axis to the next. */
    readonly strides: readonly number[],
  ) {}

  /**
   * From the arguments of PyTorch's `_rebuild_tensor_v2`: storage, offset, size, stride and what training needs.
   *
   * @throws RangeError if they are not these, or reach beyond the storage.
   */
  static of([storage, offset, shape, strides]: readonly PickleValue[]): TensorView {
    const made =
      typeof storage === "object" && storage !== null && "made" in storage ? storage.made : undefined;
    if (!isStorage(made) || !isCount(offset) || !areCounts(shape) || !areCounts(strides))
      throw new RangeError("a tensor is described in an unknown way");
    const values = shape.reduce((product, size) => product * size, 1);
    const last = shape.reduce((at, size, axis) => at + (size - 1) * (strides[axis] ?? 0), offset);
    // As many values as the storage has at most: no small file may ask for a large array.
    if (shape.length !== strides.length || values > made.count || (values > 0 && last >= made.count))
      throw new RangeError("a tensor reaches beyond its storage");
    return new TensorView(made, offset, shape, strides);
  }
}

/** The values of a tensor in the order of its axes, the last one fastest. */
export function stridedCopy({ storage, offset, shape, strides }: TensorView): Uint8Array {
  const { bytes, elementBytes } = storage;
  if (bytes === undefined) throw new RangeError("a tensor has no values in the file");
  const count = shape.reduce((product, size) => product * size, 1);
  const copy = new Uint8Array(count * elementBytes);
  if (isContiguous(shape, strides)) {
    copy.set(bytes.subarray(offset * elementBytes, (offset + count) * elementBytes));
    return copy;
  }
  const index = shape.map(() => 0);
  for (let i = 0; i < count; i++) {
    const from = index.reduce((at, place, axis) => at + place * (strides[axis] ?? 0), offset);
    copy.set(bytes.subarray(from * elementBytes, (from + 1) * elementBytes), i * elementBytes);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      index[axis] = next < (shape[axis] ?? 0) ? next : 0;
      if (index[axis] !== 0) break;
    }
  }
  return copy;
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis] ?? 1;
  }
  return true;
}

function isStorage(value: unknown): value is Storage {
  return typeof value === "object" && value !== null && "elementBytes" in value;
}

function isCount(value: PickleValue | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function areCounts(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}
