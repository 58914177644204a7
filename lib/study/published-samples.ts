import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { isImageShard } from "../data/import-images";
import { openPrepared, readListing } from "../data/prepared-folder";
import { shrinkSlices } from "../data/shrink-slices";
import { readSliceIndex, type SliceSet } from "../data/slice-set";
import { STUDY_SIZE } from "../data/study-slices";
import { InputError } from "../errors";
import { contentHash } from "../storage/content-hash";

/** Images that others have published, in place of a generator's samples. */
export interface PublishedSamples {
  /** A folder made by `synthmr data import-images`. */
  readonly folder: string;
  /** Side of its slices: that of the run, or 256. */
  readonly storedSize: number;
  /** One line: which generator, as the import was told. */
  readonly source: string;
  /** Hash of the folder's list and of the content of its files. */
  readonly hash: string;
}

/**
 * Finds the imported images of a folder: at the run's size, else at the study's, to be reduced as real slices are.
 *
 * @throws InputError if the folder was not made by the import, holds other sizes or nothing, or lacks a file.
 */
export function openPublishedSamples(folder: string, size: number): PublishedSamples {
  const path = resolve(folder);
  const storedSize = [size, STUDY_SIZE].find((side) => existsSync(join(path, `slices-${side}.json`)));
  if (storedSize === undefined)
    throw new InputError(
      path,
      `holds no imported images of ${size} or ${STUDY_SIZE} pixels`,
      `Make them with synthmr data import-images IMAGES --out FOLDER --size ${size}`,
    );
  const listing = readListing(path, storedSize);
  if (!listing.shards.every(({ file }) => isImageShard(file)))
    throw new InputError(path, "holds slices of subjects, not imported images");
  if (listing.slices < 2)
    throw new InputError(path, `holds ${listing.slices} images`, "Training on them takes at least two");
  const content = listing.shards.map(({ file }) => {
    const index = readSliceIndex(join(path, file));
    return [index.size, index.count, index.sha256];
  });
  const { source } = listing;
  return { folder: path, storedSize, source, hash: contentHash([listing, content]) };
}

/** Reads all images and brings them to a size, one at a time: at 256 pixels they may not fit into memory. */
export function loadPublishedSamples({ folder, storedSize }: PublishedSamples, size: number): SliceSet {
  const stored = openPrepared(folder, storedSize);
  try {
    if (storedSize === size) return stored.load();
    const bytes = shrinkSlices(stored.pixels(0), size).length;
    const images = new Uint8Array(stored.count * bytes);
    for (let n = 0; n < stored.count; n++) images.set(shrinkSlices(stored.pixels(n), size), n * bytes);
    const { count, subjects, subjectOf, z, simulated, source } = stored;
    return { size, count, images, subjects, subjectOf, z, simulated, source };
  } finally {
    stored.close();
  }
}
