import { rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { writeListing } from "../data/prepared-folder";
import { ShardedSlices } from "../data/sharded-slices";
import { readSliceIndex, readSliceSet, writeSliceSet, type SliceSet } from "../data/slice-set";
import type { ShardSummary } from "../data/subject-shard";
import { InputError } from "../errors";
import { contentHash } from "../storage/content-hash";
import { makeFolder } from "../storage/make-folder";
import { GENERATOR_TITLE } from "./generator-config";
import { SEED_LIMIT } from "./image-source";
import { countMasks, NO_IMAGES, type MaskCounts } from "./mask-check";
import type { OpenGenerator } from "./open-generator";

export interface DrawOptions {
  readonly source: OpenGenerator;
  /** How many images; image i is drawn from seed `firstSeed` + i, so a longer run begins with the same images. */
  readonly images: number;
  /** Default 0. */
  readonly firstSeed?: number;
  /** Where the shards stand, `seeds-<first>-<last>.safetensors`, and their list, `slices-<size>.json`. */
  readonly folder: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, doneAtStart: number) => void;
}

export interface DrawnSlices {
  /** On the disk: `load()` brings them into memory. */
  readonly slices: ShardedSlices;
  readonly masks: MaskCounts;
  /** Of the images drawn by this call; null where all were there. */
  readonly imagesPerSec: number | null;
  /** Removes the shards and their list, once the images are stored elsewhere. */
  readonly remove: () => void;
}

/** A shard holds about so many images: an interrupted run loses at most these. */
const SHARD_IMAGES = 256;

/**
 * Draws slices into files of some hundred each, one after the other, so that the memory does not depend on their
 * number. Files that an earlier run has drawn with the same weights and settings are taken as they are; several
 * processes may draw different seeds into folders of their own at the same time.
 *
 * @throws InputError if the folder cannot be written.
 * @throws The reason of `signal` once it is aborted.
 */
export async function drawSlices(options: DrawOptions): Promise<DrawnSlices> {
  const { source, images, folder, signal } = options;
  makeFolder(folder);
  const origin = originOf(source);
  const key = contentHash([source.key, origin]);
  const shards = planShards(options);
  const doneAtStart = shards.reduce((sum, shard) => sum + (stands(shard, key) ? shard.count : 0), 0);
  let [masks, done, drawn, drawingSec] = [NO_IMAGES, 0, 0, 0];
  for (const shard of shards) {
    const started = performance.now();
    let set = stands(shard, key) ? readUndamaged(shard) : undefined;
    if (set === undefined) {
      set = { ...(await drawShard(options, shard)), ...origin };
      writeSliceSet(shard.path, set, key);
      drawn += shard.count;
      drawingSec += (performance.now() - started) / 1000;
    }
    masks = countMasks(set.images, set.size, masks);
    done += shard.count;
    options.onProgress?.(done, images, doneAtStart);
    await nextTurn();
    signal?.throwIfAborted();
  }
  writeListing(folder, shards.map(summaryOf), { size: source.size, ...origin });
  return {
    slices: ShardedSlices.open(shards.map(({ path }) => path)),
    masks,
    imagesPerSec: drawn > 0 ? drawn / drawingSec : null,
    remove: () => {
      for (const { path } of shards) rmSync(path, { force: true });
      rmSync(join(folder, `slices-${source.size}.json`), { force: true });
    },
  };
}

/** Which generator, trained on what. */
function originOf({ description }: OpenGenerator): Pick<SliceSet, "source" | "simulated"> {
  const { source, simulated } = description.data;
  return { source: `${GENERATOR_TITLE[description.generator]} trained on ${source}`, simulated };
}

/** Some images in a row, and their file. */
interface PlannedShard {
  readonly first: number;
  readonly count: number;
  readonly path: string;
}

function planShards({ source, images, firstSeed = 0, folder }: DrawOptions): PlannedShard[] {
  if (!(images >= 1 && firstSeed >= 0 && firstSeed + images <= SEED_LIMIT))
    throw new InputError("seeds", `${firstSeed} to ${firstSeed + images - 1} are not seeds of images`);
  const { batchSize } = source;
  const length = Math.max(1, Math.round(SHARD_IMAGES / batchSize)) * batchSize;
  const shards: PlannedShard[] = [];
  for (let first = firstSeed; first < firstSeed + images;) {
    // Shards end where batches do, whatever the first seed.
    const end = Math.min(firstSeed + images, (Math.floor(first / length) + 1) * length);
    const name = `seeds-${seedText(first)}-${seedText(end - 1)}.safetensors`;
    shards.push({ first, count: end - first, path: join(folder, name) });
    first = end;
  }
  return shards;
}

async function drawShard(
  { source, signal }: DrawOptions,
  { first, count }: PlannedShard,
): Promise<Omit<SliceSet, "source" | "simulated">> {
  const { size, channels, batchSize } = source;
  const seeds = Array.from({ length: count }, (_, i) => first + i);
  const images = new Uint8Array(count * size ** 2 * channels);
  for (let start = 0; start < count;) {
    const end = Math.min(count, (Math.floor((first + start) / batchSize) + 1) * batchSize - first);
    images.set(source.drawBatch(seeds.slice(start, end)), start * size ** 2 * channels);
    start = end;
    await nextTurn();
    signal?.throwIfAborted();
  }
  return {
    size,
    count,
    images,
    // Synthetic slices belong to no subject and no position: each stands for itself, named by its seed.
    subjects: seeds.map((seed) => `seed${seedText(seed)}`),
    subjectOf: Int32Array.from(seeds, (_, i) => i),
    z: new Int32Array(count),
  };
}

/** Whether a shard of the same images stands there, as far as its header tells. */
function stands({ path, count }: PlannedShard, key: string): boolean {
  try {
    const index = readSliceIndex(path);
    return index.key === key && index.count === count;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

function readUndamaged({ path }: PlannedShard): SliceSet | undefined {
  try {
    return readSliceSet(path);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function summaryOf({ path, first, count }: PlannedShard): ShardSummary {
  const subjects = Array.from({ length: count }, (_, i) => `seed${seedText(first + i)}`);
  return { path, slices: count, subjects, firstZ: 0, lastZ: 0 };
}

function seedText(seed: number): string {
  return String(seed).padStart(6, "0");
}
