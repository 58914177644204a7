import { readFileSync } from "node:fs";
import { explainFileError, InputError } from "../errors";
import { listZip, readEntry } from "../setup/zip";
import { readPickle, type PickleMeanings, type PickleValue } from "./pickle";
import type { ElementType, StoredTensor } from "./safetensors";
import { stridedCopy, TensorView, type Storage } from "./torch-tensor";

/** How files of PyTorch before 1.6 begin: this number as a pickle, then the version of the format. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const LEGACY_VERSION = 1001;

/** Since 1.6 they are zip archives. */
const ZIP_SIGNATURE = "PK\x03\x04";

/** Types of elements, as PyTorch names their storages, and the bytes of one. */
const STORAGES: ReadonlyMap<string, readonly [ElementType, number]> = new Map([
  ["torch.FloatStorage", ["F32", 4]],
  ["torch.DoubleStorage", ["F64", 8]],
  ["torch.HalfStorage", ["F16", 2]],
  ["torch.BFloat16Storage", ["BF16", 2]],
  ["torch.LongStorage", ["I64", 8]],
  ["torch.IntStorage", ["I32", 4]],
  ["torch.ShortStorage", ["I16", 2]],
  ["torch.CharStorage", ["I8", 1]],
  ["torch.ByteStorage", ["U8", 1]],
  ["torch.BoolStorage", ["U8", 1]],
]);

/**
 * Reads a file of PyTorch weights (`torch.save` of a state dict, both of its formats) as data: the pickle in it
 * may hold mappings of names to tensors, and is refused where it asks for anything else. Nothing is executed.
 *
 * @returns The tensors by name, in the file's order.
 * @throws InputError if the file cannot be read, is damaged, or holds something else than named tensors.
 */
export async function readTorchWeights(path: string): Promise<ReadonlyMap<string, StoredTensor>> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw explainFileError(path, error);
  }
  try {
    const isZip = bytes.toString("latin1", 0, ZIP_SIGNATURE.length) === ZIP_SIGNATURE;
    return isZip ? await readArchive(path) : readLegacy(bytes);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const reason = error.message.replace(`${path}: `, "");
    throw new InputError(path, `is not a file of PyTorch weights that can be read safely: ${reason}`);
  }
}

/** Magic number, version, system, weights, keys of the storages, then these: a count of 8 bytes and the values. */
function readLegacy(bytes: Buffer): Map<string, StoredTensor> {
  const storages = new Map<string, Storage>();
  const meanings = torchMeanings(storages);
  let at = 0;
  const next = (): PickleValue => {
    const { value, end } = readPickle(bytes, at, meanings);
    at = end;
    return value;
  };
  if (next() !== MAGIC) throw new RangeError("it does not begin with PyTorch's number");
  if (next() !== LEGACY_VERSION) throw new RangeError("it is of an unknown version");
  const system = next();
  if (!(system instanceof Map) || system.get("little_endian") !== true)
    throw new RangeError("its numbers are not little-endian");
  const weights = next();
  const keys = next();
  if (!Array.isArray(keys)) throw new RangeError("it lists no storages");
  for (const key of keys) {
    const storage = storages.get(String(key));
    if (storage === undefined || storage.bytes !== undefined)
      throw new RangeError(`it lists the unknown storage ${String(key)}`);
    const start = at + 8;
    at = start + storage.count * storage.elementBytes;
    if (at > bytes.length) throw new RangeError("it is cut short");
    if (bytes.readBigInt64LE(start - 8) !== BigInt(storage.count))
      throw new RangeError(`storage ${String(key)} is not as long as it says`);
    storage.bytes = bytes.subarray(start, at);
  }
  return namedTensors(weights);
}

/** `<folder>/data.pkl` beside `<folder>/data/<key>`, one file a storage. */
async function readArchive(path: string): Promise<Map<string, StoredTensor>> {
  const entries = await listZip(path);
  const pickled = [...entries.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickled === undefined) throw new RangeError("the archive has no data.pkl");
  const folder = pickled.slice(0, -"data.pkl".length);
  const read = async (name: string): Promise<Buffer> => {
    const entry = entries.get(`${folder}${name}`);
    if (entry === undefined) throw new RangeError(`the archive has no ${name}`);
    return readEntry(path, entry);
  };
  if (entries.has(`${folder}byteorder`) && (await read("byteorder")).toString() !== "little")
    throw new RangeError("its numbers are not little-endian");
  const storages = new Map<string, Storage>();
  const { value } = readPickle(await read("data.pkl"), 0, torchMeanings(storages));
  for (const [key, storage] of storages) {
    const bytes = await read(`data/${key}`);
    if (bytes.length !== storage.count * storage.elementBytes)
      throw new RangeError(`storage ${key} is not as long as it says`);
    storage.bytes = bytes;
  }
  return namedTensors(value);
}

/** What names and references mean in a file of weights. Storages are noted as they are met. */
function torchMeanings(storages: Map<string, Storage>): PickleMeanings {
  return {
    call: (name, args) => {
      switch (name) {
        case "collections.OrderedDict":
          if (args.length > 0) throw new RangeError("a mapping is made from a list");
          return new Map();
        case "torch._utils._rebuild_tensor_v2":
          return { made: TensorView.of(args) };
        case "torch._utils._rebuild_parameter":
          return args[0] ?? null;
        default:
          throw new RangeError(`it asks to call ${name}`);
      }
    },
    persistent: (id) => ({ made: storageOf(id, storages) }),
  };
}

/** A reference ("storage", type, key, device, count[, view]). */
function storageOf(id: PickleValue, storages: Map<string, Storage>): Storage {
  const [kind, type, key, , count, view = null] = Array.isArray(id) ? id : [];
  const name = typeof type === "object" && type !== null && "name" in type ? String(type.name) : "";
  const element = STORAGES.get(name);
  const known =
    kind === "storage" && typeof key === "string" && Number.isSafeInteger(count) && Number(count) >= 0;
  if (!known || element === undefined || view !== null)
    throw new RangeError(`it refers to the unknown storage ${name}`);
  const [dtype, elementBytes] = element;
  const found = storages.get(key) ?? { dtype, elementBytes, count: Number(count), bytes: undefined };
  if (found.dtype !== dtype || found.count !== count) throw new RangeError(`storage ${key} is two things`);
  storages.set(key, found);
  return found;
}

function namedTensors(value: PickleValue): Map<string, StoredTensor> {
  if (!(value instanceof Map)) throw new RangeError("it does not hold named tensors");
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of value) {
    const made = typeof entry === "object" && entry !== null && "made" in entry ? entry.made : undefined;
    if (typeof name !== "string" || !(made instanceof TensorView))
      throw new RangeError(`${String(name)} is not a named tensor`);
    tensors.set(name, { dtype: made.storage.dtype, shape: made.shape, bytes: stridedCopy(made) });
  }
  return tensors;
}
