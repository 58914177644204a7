import * as tf from "../../backend/tf";
import { InputError } from "../../errors";
import { fromFloat32, toFloat32, type StoredTensor } from "../../storage/safetensors";
import type { Params } from "../params";
import { byRank, fromTorch, toTorch, type LayoutOf, type TorchLayout } from "./torch-layout";

/** A parameter of a PyTorch reference implementation. */
export interface ReferenceParameter {
  /** Several where the reference stores one variable in parts: they follow each other along its first axis. */
  readonly name: string | readonly string[];
  readonly layout: LayoutOf;
}

/** For each variable's path, the same parameter in the reference; a name alone lies as its rank says. */
export type NameMap = ReadonlyMap<string, string | ReferenceParameter>;

/** Values that the reference stores and this project computes (filters, counters), by the reference's names. */
export type FixedValues = ReadonlyMap<string, StoredTensor>;

/** Fixed values may differ from the stored ones by this share of the largest. */
const FIXED_TOLERANCE = 1e-5;

/**
 * Loads a reference's parameters into a network, its buffers too.
 *
 * @param names Covers every variable and buffer.
 * @param tensors The reference's parameters by its own names.
 * @param fixed What the reference stores besides; may be missing, but not differ.
 * @throws InputError naming the parameter that is missing, too many, of another shape or of another value.
 */
export function loadReferenceWeights(
  params: Params,
  names: NameMap,
  tensors: ReadonlyMap<string, StoredTensor>,
  fixed: FixedValues = new Map(),
): void {
  const unused = new Set(tensors.keys());
  for (const [path, variable] of [...params.variables, ...params.buffers]) {
    const { parts, layout } = referenceParameter(names, path, variable.shape);
    const values = new Float32Array(variable.size);
    parts.forEach(({ name, shape }, i) => {
      const stored = tensors.get(name);
      if (stored === undefined) throw new InputError(name, "is missing among the weights");
      unused.delete(name);
      if (!tf.util.arraysEqual([...stored.shape], [...shape]))
        throw new InputError(name, `has the shape [${stored.shape}], expected [${shape}]`);
      values.set(toFloat32(stored), (i * variable.size) / parts.length);
    });
    tf.tidy(() => {
      variable.assign(tf.tensor(fromTorch(values, layout), variable.shape));
    });
  }
  for (const name of unused) {
    const expected = fixed.get(name);
    if (expected === undefined) throw new InputError(name, "is not a parameter of this network");
    checkFixed(name, tensors.get(name) ?? expected, expected);
  }
}

/** A network's variables and buffers as the reference stores them, and the fixed values with them. */
export function toReferenceWeights(
  params: Params,
  names: NameMap,
  fixed: FixedValues = new Map(),
): Map<string, StoredTensor> {
  const stored = new Map(fixed);
  for (const [path, variable] of [...params.variables, ...params.buffers]) {
    const { parts, layout } = referenceParameter(names, path, variable.shape);
    const values = toTorch(Float32Array.from(variable.dataSync()), layout);
    const size = values.length / parts.length;
    parts.forEach(({ name, shape }, i) => {
      stored.set(name, fromFloat32(values.slice(i * size, (i + 1) * size), shape));
    });
  }
  return stored;
}

/** What the reference stores for a variable, in one part or more, and how the whole lies. */
function referenceParameter(
  names: NameMap,
  path: string,
  shape: readonly number[],
): {
  readonly parts: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly layout: TorchLayout;
} {
  const entry = names.get(path);
  if (entry === undefined) throw new Error(`no reference name for the variable ${path}`);
  const { name, layout: layoutOf } = typeof entry === "string" ? { name: entry, layout: byRank } : entry;
  const layout = layoutOf(shape);
  const partNames = typeof name === "string" ? [name] : name;
  const [first = 1, ...rest] = layout.stored;
  const partShape = partNames.length === 1 ? layout.stored : [first / partNames.length, ...rest];
  return { parts: partNames.map((part) => ({ name: part, shape: partShape })), layout };
}

function checkFixed(name: string, stored: StoredTensor, expected: StoredTensor): void {
  if (!tf.util.arraysEqual([...stored.shape], [...expected.shape]))
    throw new InputError(name, `has the shape [${stored.shape}], expected [${expected.shape}]`);
  const [found, wanted] = [toFloat32(stored), toFloat32(expected)];
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!found.every((value, i) => Math.abs(value - (wanted[i] ?? 0)) <= FIXED_TOLERANCE * largest))
    throw new InputError(name, "has other values than this network computes with");
}
