import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { explainFileError, InputError } from "../errors";
import { contentHash } from "../storage/content-hash";
import { makeFolder } from "../storage/make-folder";
import { runDataTask } from "./data-pool";
import { readGreyPng, type PngOrientation } from "./grey-png";
import { writeListing, type PreparedListing } from "./prepared-folder";
import { findPublishedImages, type PublishedImages } from "./published-images";
import { checkSize } from "./shrink-slices";
import { STUDY_SIZE } from "./study-slices";
import type { ShardSummary } from "./subject-shard";
import type { ImageShardJob } from "./synthetic-shard";

/** What to import and where. */
export interface ImportOptions {
  /** A folder of published images of one generator. */
  readonly folder: string;
  /** H = W in pixels of the slices that are made. */
  readonly size: number;
  /** Where the shards and their list stand. */
  readonly outFolder: string;
  /** One line: which generator, trained on what; default the folder's name. */
  readonly source?: string;
  /** Default "study": published images lie as the study's PNGs do. */
  readonly orientation?: PngOrientation;
  /** How many, the first by name; default all. */
  readonly limit?: number;
  readonly workers: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Counted up whenever the same images give other slices. */
const IMPORT_VERSION = 1;

/** Images in a shard: at 256 pixels 80 MB. */
const SHARD_IMAGES = 256;

/** Whether a file of a prepared folder holds imported images, and not slices of a subject. */
export function isImageShard(file: string): boolean {
  return /^images-\d{6,}-\d+\.safetensors$/.test(file);
}

/**
 * Makes slices of published synthetic images, which then stand in for a generator's samples: openPrepared reads
 * them. An interrupted import goes on where it was.
 *
 * @throws InputError if images cannot be found, matched or read, or the folder cannot be written.
 */
export async function importImages(
  options: ImportOptions,
): Promise<{ readonly found: PublishedImages; readonly listing: PreparedListing }> {
  const { size, outFolder, orientation = "study", signal, workers } = options;
  const found = findPublishedImages(options.folder);
  const images = found.images.slice(0, options.limit);
  const originalSize = readGreyPng(images[0]?.paths[0] ?? options.folder, undefined).size;
  if (originalSize === STUDY_SIZE) checkSize(size);
  else if (size !== originalSize)
    throw new InputError(
      options.folder,
      `holds images of ${originalSize} pixels`,
      `Import them with --size ${originalSize}`,
    );
  makeFolder(outFolder);
  const source = options.source ?? `published images ${basename(options.folder)}`;
  const jobs: ImageShardJob[] = [];
  for (let first = 0; first < images.length; first += SHARD_IMAGES) {
    const part = images.slice(first, first + SHARD_IMAGES);
    const path = join(outFolder, `images-${String(first).padStart(6, "0")}-${size}.safetensors`);
    const key = contentHash([IMPORT_VERSION, size, orientation, source, part.map(fingerprint)]);
    jobs.push({ images: part, originalSize, size, orientation, source, path, key });
  }
  const summaries = new Map<number, ShardSummary>();
  await runDataTask(
    "images",
    jobs,
    { workers, ...(signal === undefined ? {} : { signal }) },
    (summary, place) => {
      summaries.set(place, summary);
      options.onProgress?.(
        [...summaries.values()].reduce((sum, { slices }) => sum + slices, 0),
        images.length,
      );
    },
  );
  const shards = jobs.flatMap((_, i) => summaries.get(i) ?? []);
  return { found, listing: writeListing(outFolder, shards, { size, simulated: false, source }) };
}

/** Names, sizes and times of change stand for the content of an image. */
function fingerprint({ paths }: { readonly paths: readonly string[] }): unknown {
  return paths.map((path) => {
    try {
      const { size, mtimeMs } = statSync(path);
      return [basename(path), size, mtimeMs];
    } catch (error) {
      throw explainFileError(path, error);
    }
  });
}
