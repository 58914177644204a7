import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { explainFileError, InputError } from "../errors";
import { writeFileAtomic } from "./atomic-write";
import { floatToHalf, halfToFloat } from "./half-precision";

/** The element types that this project stores, by their safetensors name. */
const ELEMENT_BYTES = {
  F64: 8,
  F32: 4,
  I64: 8,
  I32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
  U8: 1,
  I8: 1,
} as const;
export type ElementType = keyof typeof ELEMENT_BYTES;

/** A named array of a safetensors file; `bytes` are little-endian, row-major. */
export interface StoredTensor {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** The content of a safetensors file. */
export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** The header's free texts, `__metadata__`. */
  readonly metadata: Readonly<Record<string, string>>;
}

const LARGEST_HEADER_BYTES = 100_000_000;

/** Writes a safetensors file atomically, tensors in the order of the map. */
export function writeSafetensors(path: string, file: SafetensorsFile): void {
  const header: Record<string, unknown> = {};
  if (Object.keys(file.metadata).length > 0) header["__metadata__"] = file.metadata;
  let offset = 0;
  for (const [name, { dtype, shape, bytes }] of file.tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.byteLength] };
    offset += bytes.byteLength;
  }
  const text = JSON.stringify(header);
  const padded = Buffer.from(
    text.padEnd(Math.ceil(Buffer.byteLength(text) / 8) * 8 - (Buffer.byteLength(text) - text.length)),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  writeFileAtomic(path, [length, padded, ...[...file.tensors.values()].map((tensor) => tensor.bytes)]);
}

/** Where a tensor stands in its file. */
export interface TensorPlace {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  /** First byte, counted from the start of the file. */
  readonly position: number;
  readonly byteLength: number;
}

/**
 * Reads a safetensors file. The header is checked against the file's size before anything is allocated.
 *
 * @param wanted Names of the tensors to read; all of them by default.
 * @throws InputError if the file is missing, cut short, or its header is not a safetensors header.
 */
export function readSafetensors(path: string, wanted?: readonly string[]): SafetensorsFile {
  return withFile(path, (file) => {
    const { places, metadata } = readPlaces(file, path);
    const tensors = new Map<string, StoredTensor>();
    for (const [name, { dtype, shape, position, byteLength }] of places)
      if (wanted === undefined || wanted.includes(name))
        tensors.set(name, { dtype, shape, bytes: readBytes(file, path, position, byteLength) });
    return { tensors, metadata };
  });
}

/** Where the tensors of a file stand, for one who reads parts of them. @throws InputError as readSafetensors. */
export function locateTensors(path: string): {
  readonly places: ReadonlyMap<string, TensorPlace>;
  readonly metadata: Readonly<Record<string, string>>;
} {
  return withFile(path, (file) => readPlaces(file, path));
}

function withFile<T>(path: string, read: (file: number) => T): T {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw explainFileError(path, error);
  }
  try {
    return read(file);
  } catch (error) {
    throw explainFileError(path, error);
  } finally {
    closeSync(file);
  }
}

function readPlaces(file: number, path: string): ReturnType<typeof locateTensors> {
  const size = fstatSync(file).size;
  const headerBytes = size < 8 ? Number.NaN : Number(readBytes(file, path, 0, 8).readBigUInt64LE());
  if (!(headerBytes <= Math.min(size - 8, LARGEST_HEADER_BYTES)))
    throw broken(path, "its header is longer than the file");
  const header = parseHeader(path, readBytes(file, path, 8, headerBytes));
  const start = 8 + headerBytes;
  const entries: (HeaderEntry & { readonly name: string })[] = [];
  for (const [name, entry] of Object.entries(header.entries)) {
    entries.push({ name, ...checkEntry(path, name, entry, size - start) });
  }
  checkPlaces(path, entries, size - start);
  const places = new Map(
    entries.map(({ name, dtype, shape, begin, end }) => [
      name,
      { dtype, shape, position: start + begin, byteLength: end - begin },
    ]),
  );
  return { places, metadata: header.metadata };
}

/** A float32 copy of a stored tensor of type F32, F64, F16 or BF16. */
export function toFloat32(tensor: StoredTensor): Float32Array {
  const view = new DataView(tensor.bytes.buffer, tensor.bytes.byteOffset, tensor.bytes.byteLength);
  const count = tensor.bytes.byteLength / ELEMENT_BYTES[tensor.dtype];
  switch (tensor.dtype) {
    case "F32":
      // A copy, since the bytes may lie unaligned in a larger buffer (whose own `slice` does not copy).
      return new Float32Array(new Uint8Array(tensor.bytes).buffer);
    case "F64":
      return Float32Array.from({ length: count }, (_, i) => view.getFloat64(8 * i, true));
    case "F16":
      return Float32Array.from({ length: count }, (_, i) => halfToFloat(view.getUint16(2 * i, true)));
    case "BF16": {
      const words = Uint32Array.from({ length: count }, (_, i) => view.getUint16(2 * i, true) << 16);
      return new Float32Array(words.buffer);
    }
    default:
      throw new InputError(`tensor of type ${tensor.dtype}`, "is not a floating-point tensor");
  }
}

/**
 * An int32 array of a stored tensor of type I32, I64 or U8.
 *
 * @throws InputError if the type is another one, or a 64-bit value does not fit into 32 bits.
 */
export function toInt32(tensor: StoredTensor): Int32Array {
  const { bytes, dtype } = tensor;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.byteLength / ELEMENT_BYTES[dtype];
  switch (dtype) {
    case "I32":
      return new Int32Array(new Uint8Array(bytes).buffer);
    case "I64":
      return Int32Array.from({ length: count }, (_, i) => narrowed(view.getBigInt64(8 * i, true)));
    case "U8":
      return Int32Array.from(bytes);
    default:
      throw new InputError(`tensor of type ${dtype}`, "is not an integer tensor");
  }
}

function narrowed(value: bigint): number {
  if (BigInt.asIntN(32, value) !== value)
    throw new InputError("tensor of type I64", `holds ${value}, which does not fit into 32 bits`);
  return Number(value);
}

/** A stored tensor of float32 values. */
export function fromFloat32(values: Float32Array, shape: readonly number[]): StoredTensor {
  return { dtype: "F32", shape, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

/** A stored tensor of half-precision values, half the size of float32. */
export function fromFloat32AsHalf(values: Float32Array, shape: readonly number[]): StoredTensor {
  const halves = Uint16Array.from(values, floatToHalf);
  return { dtype: "F16", shape, bytes: new Uint8Array(halves.buffer) };
}

interface HeaderEntry {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function parseHeader(
  path: string,
  bytes: Buffer,
): { entries: Record<string, unknown>; metadata: Record<string, string> } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw broken(path, "its header is not JSON");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw broken(path, "its header is not an object");
  const { __metadata__: texts, ...entries } = parsed as Record<string, unknown>;
  const metadata = Object.fromEntries(
    Object.entries(texts ?? {}).map(([key, value]) => [key, String(value)]),
  );
  return { entries, metadata };
}

function checkEntry(path: string, name: string, entry: unknown, dataBytes: number): HeaderEntry {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
  if (typeof dtype !== "string" || !Object.hasOwn(ELEMENT_BYTES, dtype))
    throw broken(path, `tensor ${name} has the unknown type ${String(dtype)}`);
  if (!Array.isArray(shape) || !shape.every(isCount)) throw broken(path, `tensor ${name} has no valid shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    throw broken(path, `tensor ${name} has no valid offsets`);
  const [begin, end] = offsets as [number, number];
  const type = dtype as ElementType;
  const bytes = (shape as number[]).reduce((product, size) => product * size, ELEMENT_BYTES[type]);
  if (end - begin !== bytes || end > dataBytes)
    throw broken(path, `tensor ${name} does not fit its place in the file`);
  return { dtype: type, shape: shape as number[], begin, end };
}

/** The format asks that tensors lie side by side: without overlap, without gaps, up to the end of the file. */
function checkPlaces(path: string, entries: readonly HeaderEntry[], dataBytes: number): void {
  let offset = 0;
  for (const { begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== offset) throw broken(path, "its tensors overlap or leave gaps");
    offset = end;
  }
  if (offset !== dataBytes) throw broken(path, "it has more data than its tensors take");
}

function readBytes(file: number, path: string, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const read = readSync(file, bytes, done, length - done, position + done);
    if (read === 0) throw broken(path, "it is cut short");
    done += read;
  }
  return bytes;
}

function broken(path: string, reason: string): InputError {
  return new InputError(path, `is not a readable safetensors file: ${reason}`);
}
