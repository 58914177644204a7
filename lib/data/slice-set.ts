import { z } from "zod";
import { InputError } from "../errors";
import { SLICE_CHANNELS } from "../shape";
import { sha256 } from "../storage/content-hash";
import {
  locateTensors,
  readSafetensors,
  toInt32,
  writeSafetensors,
  type StoredTensor,
  type TensorPlace,
} from "../storage/safetensors";

/** Axial slices of some subjects at one size: the form in which everything downstream gets data. */
export interface SliceSet {
  /** H = W in pixels. */
  readonly size: number;
  /** N. */
  readonly count: number;
  /** [N, H, W, 5], 0 to 255; the last channel is the annotation as a grey code. */
  readonly images: Uint8Array;
  readonly subjects: readonly string[];
  /** [N], the subject of each slice as an index into `subjects`. */
  readonly subjectOf: Int32Array;
  /** [N], 1-based axial position. */
  readonly z: Int32Array;
  readonly simulated: boolean;
  /** One line: where the slices come from. */
  readonly source: string;
}

const FORMAT = "synthmr-slices-1";

const Description = z.object({
  format: z.literal(FORMAT),
  size: z.coerce.number().int().positive(),
  subjects: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
  simulated: z.enum(["true", "false"]).transform((text) => text === "true"),
  source: z.string(),
  sha256: z.string(),
});

/**
 * Writes a set as one safetensors file, whole or not at all.
 *
 * @param key Free text stored with it, for a cache to compare.
 */
export function writeSliceSet(path: string, set: SliceSet, key = ""): void {
  const { size, count, images, subjects, subjectOf, simulated, source } = set;
  const tensors = new Map<string, StoredTensor>([
    ["images", { dtype: "U8", shape: [count, size, size, SLICE_CHANNELS], bytes: images }],
    ["subjectOf", { dtype: "I32", shape: [count], bytes: bytesOf(subjectOf) }],
    ["z", { dtype: "I32", shape: [count], bytes: bytesOf(set.z) }],
  ]);
  const metadata = {
    format: FORMAT,
    size: String(size),
    subjects: JSON.stringify(subjects),
    simulated: String(simulated),
    source,
    key,
    sha256: sha256(images, bytesOf(subjectOf), bytesOf(set.z)),
  };
  writeSafetensors(path, { tensors, metadata });
}

/**
 * Reads a set and verifies its checksum.
 *
 * @throws InputError if the file is missing, cut short, damaged or not a set of slices.
 */
export function readSliceSet(path: string): SliceSet {
  const { size, count, subjects, subjectOf, z, simulated, source, ...index } = readSliceIndex(path);
  const images = readSafetensors(path, ["images"]).tensors.get("images")?.bytes;
  if (images?.byteLength !== index.images.byteLength) throw new InputError(path, "changed while it was read");
  if (sha256(images, bytesOf(subjectOf), bytesOf(z)) !== index.sha256)
    throw new InputError(path, "is damaged: its checksum is wrong");
  return { size, count, images, subjects, subjectOf, z, simulated, source };
}

/** What a file of slices says about itself, its images apart. */
export interface SliceIndex extends Omit<SliceSet, "images"> {
  /** Where the images stand in the file. */
  readonly images: TensorPlace;
  readonly key: string;
  readonly sha256: string;
}

/** Reads all of a file of slices but the images, whose checksum is not verified. @throws As readSliceSet. */
export function readSliceIndex(path: string): SliceIndex {
  const { places, metadata } = locateTensors(path);
  const described = Description.safeParse(metadata);
  const { tensors } = readSafetensors(path, ["subjectOf", "z"]);
  const [images, subjects, positions] = [places.get("images"), tensors.get("subjectOf"), tensors.get("z")];
  if (!described.success || !images || !subjects || !positions)
    throw new InputError(path, "is not a file of prepared slices");
  const { size, subjects: ids, simulated, source, sha256: checksum } = described.data;
  const count = images.shape[0] ?? 0;
  const [subjectOf, z] = [toInt32(subjects), toInt32(positions)];
  const wholeShape = [count, size, size, SLICE_CHANNELS];
  const fits = wholeShape.every((length, i) => images.shape[i] === length) && images.shape.length === 4;
  if (!fits || images.dtype !== "U8" || subjectOf.length !== count || z.length !== count)
    throw new InputError(path, "is damaged: its arrays do not fit each other");
  if (subjectOf.some((index) => index < 0 || index >= ids.length))
    throw new InputError(path, "is damaged: a slice has no subject");
  const key = metadata["key"] ?? "";
  return { size, count, images, subjects: ids, subjectOf, z, simulated, source, key, sha256: checksum };
}

/** The slices at some positions, in that order; repeats are allowed, subjects left without a slice drop out. */
export function selectSlices(set: SliceSet, indices: ArrayLike<number>): SliceSet {
  const pixels = set.size * set.size * SLICE_CHANNELS;
  const images = new Uint8Array(indices.length * pixels);
  const subjectOf = new Int32Array(indices.length);
  const z = new Int32Array(indices.length);
  const place = new Map<number, number>();
  for (let n = 0; n < indices.length; n++) {
    const from = indices[n] ?? -1;
    const subject = set.subjectOf[from];
    if (subject === undefined) throw new RangeError(`slice ${from} of ${set.count} does not exist`);
    if (!place.has(subject)) place.set(subject, place.size);
    images.set(set.images.subarray(from * pixels, (from + 1) * pixels), n * pixels);
    subjectOf[n] = place.get(subject) ?? 0;
    z[n] = set.z[from] ?? 0;
  }
  const subjects = [...place.keys()].map((subject) => set.subjects[subject] ?? "");
  return { ...set, count: indices.length, images, subjects, subjectOf, z };
}

/**
 * The slices of some subjects, in the order of the set.
 *
 * @throws InputError if a subject is not in the set.
 */
export function selectSubjects(set: SliceSet, ids: readonly string[]): SliceSet {
  const unknown = ids.find((id) => !set.subjects.includes(id));
  if (unknown !== undefined) throw new InputError(`subject ${unknown}`, `is not among ${set.source}`);
  const wanted = new Set(ids.map((id) => set.subjects.indexOf(id)));
  const indices: number[] = [];
  set.subjectOf.forEach((subject, n) => {
    if (wanted.has(subject)) indices.push(n);
  });
  return selectSlices(set, indices);
}

/**
 * Several sets as one, in order. The result is simulated if any part is.
 *
 * @throws InputError if they differ in size or there is none.
 */
export function concatSlices(sets: readonly SliceSet[]): SliceSet {
  const [first] = sets;
  if (first === undefined) throw new InputError("slices", "there is no set to join");
  const odd = sets.find(({ size }) => size !== first.size);
  if (odd !== undefined) throw new InputError(odd.source, `is of size ${odd.size}, expected ${first.size}`);
  const count = sets.reduce((sum, set) => sum + set.count, 0);
  const images = allocate(count * first.size * first.size * SLICE_CHANNELS);
  const subjectOf = new Int32Array(count);
  const z = new Int32Array(count);
  const place = new Map<string, number>();
  let [slice, byte] = [0, 0];
  for (const set of sets) {
    images.set(set.images, byte);
    z.set(set.z, slice);
    for (const id of set.subjects) if (!place.has(id)) place.set(id, place.size);
    set.subjectOf.forEach((subject, n) => {
      subjectOf[slice + n] = place.get(set.subjects[subject] ?? "") ?? 0;
    });
    slice += set.count;
    byte += set.images.length;
  }
  const source = [...new Set(sets.map((set) => set.source))].join("; ");
  const simulated = sets.some((set) => set.simulated);
  return { size: first.size, count, images, subjects: [...place.keys()], subjectOf, z, simulated, source };
}

function allocate(bytes: number): Uint8Array {
  try {
    return new Uint8Array(bytes);
  } catch {
    throw new InputError(
      "slices",
      `need ${(bytes / 2 ** 30).toFixed(1)} GiB of memory`,
      "Choose a smaller size or fewer subjects",
    );
  }
}

function bytesOf(values: Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
