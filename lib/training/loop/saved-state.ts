import * as tf from "../../backend/tf";
import { fromFloat32, toFloat32, toInt32, type StoredTensor } from "../../storage/safetensors";

/** Everything a resumed run needs, by name: what a checkpoint holds. */
export type SavedState = ReadonlyMap<string, StoredTensor>;

/** A float vector as it is stored. */
export function savedVector(vector: tf.Tensor): StoredTensor {
  return fromFloat32(Float32Array.from(vector.dataSync()), vector.shape);
}

/** A whole number below 2^31 as it is stored. */
export function savedCount(count: number): StoredTensor {
  return { dtype: "I32", shape: [1], bytes: new Uint8Array(Int32Array.of(count).buffer) };
}

/** @throws Error if the state has no such entry. */
export function toVector(state: SavedState, name: string): tf.Tensor1D {
  return tf.tensor1d(toFloat32(entry(state, name)));
}

/** @throws Error if the state has no such entry. */
export function toCount(state: SavedState, name: string): number {
  return toInt32(entry(state, name))[0] ?? 0;
}

/** The entries of a part of the state, without the part's name (`optimizer/updates` -> `updates`). */
export function partOf(state: SavedState, part: string): SavedState {
  const prefix = `${part}/`;
  const entries = [...state].filter(([name]) => name.startsWith(prefix));
  return new Map(entries.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

/** Joins named parts to one state (`updates` of the part `optimizer` -> `optimizer/updates`). */
export function joinParts(parts: Readonly<Record<string, SavedState>>): SavedState {
  const entries = Object.entries(parts).flatMap(([part, state]) =>
    [...state].map(([name, tensor]) => [`${part}/${name}`, tensor] as const),
  );
  return new Map(entries);
}

/**
 * The name of a float32 tensor with a value that is NaN or infinite. Doubles are passed over: they keep the
 * books, where NaN may mean "not defined".
 *
 * @returns undefined where every value is finite.
 */
export function firstNotFinite(state: SavedState): string | undefined {
  for (const [name, tensor] of state)
    if (tensor.dtype === "F32" && !allFinite(toFloat32(tensor))) return name;
  return undefined;
}

function allFinite(values: Float32Array): boolean {
  for (const value of values) if (!Number.isFinite(value)) return false;
  return true;
}

function entry(state: SavedState, name: string): StoredTensor {
  const tensor = state.get(name);
  if (tensor === undefined) throw new Error(`the checkpoint has no ${name}`);
  return tensor;
}
