import { closeSync, openSync, readSync } from "node:fs";
import { explainFileError, InputError } from "../errors";
import { SLICE_CHANNELS } from "../shape";
import { readSliceIndex, type SliceIndex, type SliceSet } from "./slice-set";

/** Files that are kept open; opening one anew takes some microseconds. */
const MOST_OPEN = 128;

interface Shard {
  readonly path: string;
  /** Byte of the first slice. */
  readonly position: number;
}

/**
 * Slices that stay on the disk and are read one at a time, so that training on more of them than the memory
 * holds costs no more than the reading. The system keeps in its own cache what fits.
 */
export class ShardedSlices implements Omit<SliceSet, "images"> {
  readonly size: number;
  readonly count: number;
  readonly subjects: readonly string[];
  readonly subjectOf: Int32Array;
  readonly z: Int32Array;
  readonly simulated: boolean;
  readonly source: string;
  private readonly open = new Map<number, number>(); // Shard to file descriptor, longest unused first.
  private readonly scratch: Uint8Array;

  private constructor(
    description: Omit<SliceSet, "images">,
    private readonly shards: readonly Shard[],
    /** [N], which shard holds each slice, and its place there. */
    private readonly shardOf: Int32Array,
    private readonly rowOf: Int32Array,
  ) {
    this.size = description.size;
    this.count = description.count;
    this.subjects = description.subjects;
    this.subjectOf = description.subjectOf;
    this.z = description.z;
    this.simulated = description.simulated;
    this.source = description.source;
    this.scratch = new Uint8Array(this.size * this.size * SLICE_CHANNELS);
  }

  /**
   * Opens files of slices as one set, in order. Their checksums are not verified: whoever prepares them does.
   *
   * @throws InputError if one is missing or damaged, they differ in size, or there is none.
   */
  static open(paths: readonly string[]): ShardedSlices {
    const indices = paths.map((path) => readSliceIndex(path));
    const [first] = indices;
    if (first === undefined) throw new InputError("slices", "there is no file to open");
    indices.forEach(({ size }, i) => {
      if (size !== first.size)
        throw new InputError(paths[i] ?? "", `is of size ${size}, expected ${first.size}`);
    });
    const count = indices.reduce((sum, index) => sum + index.count, 0);
    const description = { ...joinIndices(indices, count), size: first.size, count };
    const [shardOf, rowOf] = [new Int32Array(count), new Int32Array(count)];
    let n = 0;
    indices.forEach((index, shard) => {
      for (let row = 0; row < index.count; row++, n++) [shardOf[n], rowOf[n]] = [shard, row];
    });
    const shards = indices.map(({ images }, i) => ({ path: paths[i] ?? "", position: images.position }));
    return new ShardedSlices(description, shards, shardOf, rowOf);
  }

  /** Pixels of a slice, [H, W, 5], as bytes that the next call overwrites. @throws RangeError if there is none. */
  pixels(n: number): Uint8Array {
    this.readInto(this.scratch, 0, n);
    return this.scratch;
  }

  /** Some slices, or all, in memory. @throws InputError if they do not fit there. */
  load(indices?: ArrayLike<number>): SliceSet {
    if (indices === undefined) {
      // All of them, with the subjects of which no slice was kept.
      const everything = this.load(Array.from({ length: this.count }, (_, n) => n));
      return { ...everything, subjects: this.subjects, subjectOf: this.subjectOf.slice() };
    }
    const pixels = this.scratch.length;
    let images: Uint8Array;
    try {
      images = new Uint8Array(indices.length * pixels);
    } catch {
      const gib = ((indices.length * pixels) / 2 ** 30).toFixed(1);
      throw new InputError("slices", `need ${gib} GiB of memory`, "Choose a smaller size or fewer subjects");
    }
    for (let i = 0; i < indices.length; i++) this.readInto(images, i * pixels, indices[i] ?? -1);
    return { ...this.describe(indices), images };
  }

  /** The slices of some subjects, still on the disk. @throws InputError if a subject is not among them. */
  selectSubjects(ids: readonly string[]): ShardedSlices {
    const unknown = ids.find((id) => !this.subjects.includes(id));
    if (unknown !== undefined) throw new InputError(`subject ${unknown}`, `is not among ${this.source}`);
    const wanted = new Set(ids.map((id) => this.subjects.indexOf(id)));
    return this.at([...this.subjectOf.keys()].filter((n) => wanted.has(this.subjectOf[n] ?? -1)));
  }

  /** The slices from one to before another, still on the disk. */
  part(first: number, end: number): ShardedSlices {
    return this.at(Array.from({ length: end - first }, (_, i) => first + i));
  }

  /** Closes the files; a later read opens them again. */
  close(): void {
    for (const file of this.open.values()) closeSync(file);
    this.open.clear();
  }

  private at(indices: readonly number[]): ShardedSlices {
    const places = (of: Int32Array): Int32Array => Int32Array.from(indices, (n) => of[n] ?? 0);
    return new ShardedSlices(this.describe(indices), this.shards, places(this.shardOf), places(this.rowOf));
  }

  private describe(indices: ArrayLike<number>): Omit<SliceSet, "images"> {
    const { size, simulated, source } = this;
    const place = new Map<number, number>();
    const subjectOf = Int32Array.from(indices, (n) => {
      const subject = this.subjectOf[n] ?? 0;
      if (!place.has(subject)) place.set(subject, place.size);
      return place.get(subject) ?? 0;
    });
    const subjects = [...place.keys()].map((subject) => this.subjects[subject] ?? "");
    const z = Int32Array.from(indices, (n) => this.z[n] ?? 0);
    return { size, count: indices.length, subjects, subjectOf, z, simulated, source };
  }

  private readInto(target: Uint8Array, at: number, n: number): void {
    const shard = this.shardOf[n];
    if (shard === undefined) throw new RangeError(`slice ${n} of ${this.count} does not exist`);
    const { path, position } = this.shards[shard] as Shard;
    const length = this.scratch.length;
    const file = this.fileOf(shard, path);
    const start = position + (this.rowOf[n] as number) * length;
    for (let done = 0; done < length;) {
      const read = readSync(file, target, at + done, length - done, start + done);
      if (read === 0) throw new InputError(path, "is cut short: it became shorter after it was opened");
      done += read;
    }
  }

  private fileOf(shard: number, path: string): number {
    const known = this.open.get(shard);
    if (known !== undefined) {
      this.open.delete(shard);
      this.open.set(shard, known);
      return known;
    }
    const [oldest] = this.open;
    if (oldest !== undefined && this.open.size >= MOST_OPEN) {
      closeSync(oldest[1]);
      this.open.delete(oldest[0]);
    }
    try {
      const file = openSync(path, "r");
      this.open.set(shard, file);
      return file;
    } catch (error) {
      throw explainFileError(path, error);
    }
  }
}

/** Slices in memory or on the disk. */
export type SliceSource = SliceSet | ShardedSlices;

/** What the pixels of a slice are taken from: images in memory, or slices that are read from the disk. */
export type SlicePixels = Pick<SliceSet, "size" | "images"> | ShardedSlices;

/** Pixels of a slice, [H, W, 5]; good until the next call. @throws RangeError if there is no such slice. */
export function pixelsOf(source: SlicePixels, n: number): Uint8Array {
  if (source instanceof ShardedSlices) return source.pixels(n);
  const pixels = source.size * source.size * SLICE_CHANNELS;
  if (!(n >= 0 && (n + 1) * pixels <= source.images.length))
    throw new RangeError(`slice ${n} does not exist`);
  return source.images.subarray(n * pixels, (n + 1) * pixels);
}

function joinIndices(
  indices: readonly SliceIndex[],
  count: number,
): Pick<SliceSet, "subjects" | "subjectOf" | "z" | "simulated" | "source"> {
  const place = new Map<string, number>();
  const [subjectOf, z] = [new Int32Array(count), new Int32Array(count)];
  let first = 0;
  for (const index of indices) {
    for (const id of index.subjects) if (!place.has(id)) place.set(id, place.size);
    index.subjectOf.forEach((subject, n) => {
      subjectOf[first + n] = place.get(index.subjects[subject] ?? "") ?? 0;
    });
    z.set(index.z, first);
    first += index.count;
  }
  return {
    subjects: [...place.keys()],
    subjectOf,
    z,
    simulated: indices.some(({ simulated }) => simulated),
    source: [...new Set(indices.map(({ source }) => source))].join("; "),
  };
}
