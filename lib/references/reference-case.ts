import { basename, dirname, join } from "node:path";
import * as tf from "../backend/tf";
import { InputError } from "../errors";
import {
  readSafetensors,
  toFloat32,
  toInt32,
  type SafetensorsFile,
  type StoredTensor,
} from "../storage/safetensors";

const SUFFIX = ".safetensors";
/** Begins the names of a reference's parameters in a case. */
export const WEIGHTS_PREFIX = "weights.";
const INPUT = "in.";
const OUTPUT = "out.";

/**
 * Numbers that a public reference implementation gave: one safetensors file with the reference's parameters
 * (`weights.<its own name>`), inputs (`in.<name>`), outputs (`out.<name>`) and, as the JSON text `meta` among
 * the file's metadata, its configuration. Images lie as [N, C, H, W].
 */
export class ReferenceCase {
  private constructor(
    readonly path: string,
    private readonly file: SafetensorsFile,
    /** The configuration, in the reference's own terms; empty where the file has none. */
    readonly meta: Readonly<Record<string, unknown>>,
  ) {}

  /** @throws InputError if the file cannot be read, or its `meta` is not a JSON object. */
  static read(path: string): ReferenceCase {
    const file = readSafetensors(path);
    return new ReferenceCase(path, file, parseMeta(path, file.metadata["meta"]));
  }

  /** The file's name without its folder and ending. */
  get stem(): string {
    return basename(this.path, SUFFIX);
  }

  /** The case of this name in the same folder. */
  sibling(name: string): ReferenceCase {
    if (!/^[\w.-]+$/.test(name)) throw new InputError(this.path, `"${name}" is not the name of a case`);
    return ReferenceCase.read(join(dirname(this.path), `${name}${SUFFIX}`));
  }

  /** The reference's parameters by its own names. */
  get weights(): ReadonlyMap<string, StoredTensor> {
    return this.within(WEIGHTS_PREFIX);
  }

  /** What the reference gave, by name. */
  get outputs(): ReadonlyMap<string, StoredTensor> {
    return this.within(OUTPUT);
  }

  /** Every tensor by its full name, for cases of another form. */
  get tensors(): ReadonlyMap<string, StoredTensor> {
    return this.file.tensors;
  }

  /** Numbers of an input, its shape checked: a number fixes the length of an axis. */
  input(name: string, shape: readonly (number | null)[]): { values: Float32Array; shape: number[] } {
    const stored = this.stored(name, shape);
    return { values: toFloat32(stored), shape: [...stored.shape] };
  }

  integers(name: string, length: number): Int32Array {
    return toInt32(this.stored(name, [length]));
  }

  /** Labels of any integer type. */
  labels(name: string, shape: readonly number[]): Uint8Array {
    const values = toInt32(this.stored(name, shape));
    if (!values.every((value) => value >= 0 && value <= 255))
      throw new InputError(this.path, `${INPUT}${name} holds labels outside 0 to 255`);
    return Uint8Array.from(values);
  }

  /** Images as [N, H, W, C]. @param channels Their number, null where any will do. */
  images(name: string, channels: number | null): tf.Tensor4D {
    const { values, shape } = this.input(name, [null, channels, null, null]);
    return tf.tidy(() => tf.tensor(values, shape).transpose<tf.Tensor4D>([0, 2, 3, 1]));
  }

  /** Rows [N, F]. */
  rows(name: string, length: number): tf.Tensor2D {
    const { values, shape } = this.input(name, [null, length]);
    return tf.tensor2d(values, shape as [number, number]);
  }

  private stored(name: string, shape: readonly (number | null)[]): StoredTensor {
    const tensor = this.file.tensors.get(`${INPUT}${name}`);
    if (tensor === undefined) throw new InputError(this.path, `has no input ${INPUT}${name}`);
    const fits =
      tensor.shape.length === shape.length &&
      shape.every((size, axis) => size === null || size === tensor.shape[axis]);
    if (!fits || tensor.bytes.length === 0)
      throw new InputError(
        this.path,
        `${INPUT}${name} has the shape [${tensor.shape}], expected [${shape.map((size) => size ?? "any")}]`,
      );
    return tensor;
  }

  private within(prefix: string): Map<string, StoredTensor> {
    const entries = [...this.file.tensors].filter(([name]) => name.startsWith(prefix));
    return new Map(entries.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
  }
}

function parseMeta(path: string, text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  let meta: unknown;
  try {
    meta = JSON.parse(text);
  } catch {
    throw new InputError(path, "its meta is not JSON");
  }
  if (typeof meta !== "object" || meta === null || Array.isArray(meta))
    throw new InputError(path, "its meta is not a JSON object");
  return meta as Record<string, unknown>;
}
