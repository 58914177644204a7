import { join } from "node:path";
import {
  fromFloat32,
  readSafetensors,
  writeSafetensors,
  type StoredTensor,
} from "../../lib/storage/safetensors";
import { temporaryFolder } from "../temporary-folder";

const folder = temporaryFolder();
let written = 0;

/** Where a public reference implementation's cases stand. */
export function fixture(name: string): string {
  return join(__dirname, "../fixtures/parity", `${name}.safetensors`);
}

/** What a case holds. */
export interface CaseContent {
  readonly tensors: Map<string, StoredTensor>;
  meta: Record<string, unknown>;
}

/** A case of its own, as the text or object `meta` says. @returns Its path. */
export function writeCase(
  tensors: ReadonlyMap<string, StoredTensor>,
  meta: unknown,
  name = `case${written++}`,
): string {
  const path = join(folder, `${name}.safetensors`);
  const text = typeof meta === "string" ? meta : JSON.stringify(meta);
  writeSafetensors(path, { tensors, metadata: meta === undefined ? {} : { meta: text } });
  return path;
}

/** A copy of a reference's case with changes. @returns Its path. */
export function changedCase(name: string, change: (content: CaseContent) => void, asName?: string): string {
  const { tensors, metadata } = readSafetensors(fixture(name));
  const meta = JSON.parse(metadata["meta"] ?? "{}") as Record<string, unknown>;
  const content: CaseContent = { tensors: new Map(tensors), meta };
  change(content);
  return writeCase(content.tensors, content.meta, asName);
}

/** A tensor with one value everywhere. */
export function filled(shape: readonly number[], value: number): StoredTensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return fromFloat32(new Float32Array(size).fill(value), shape);
}
