import { SLICE_CHANNELS } from "../shape";
import { antiTranspose, readGreyPng, type PngOrientation } from "./grey-png";
import type { PublishedImage } from "./published-images";
import { shrinkSlices } from "./shrink-slices";
import { STUDY_SIZE } from "./study-slices";
import { keepOrMake, type ShardSummary } from "./subject-shard";

/** What one shard of published images is made from; sent to worker threads. */
export interface ImageShardJob {
  readonly images: readonly PublishedImage[];
  /** Side of the PNGs, pixels. */
  readonly originalSize: number;
  readonly size: number;
  readonly orientation: PngOrientation;
  readonly source: string;
  readonly path: string;
  readonly key: string;
}

/**
 * Reads some published images and writes them as one shard, unless it stands there undamaged. Each image is a
 * subject of its own, named as its file: synthetic images belong to nobody and to no position.
 *
 * @throws InputError naming the PNG that is missing, broken or of another size.
 */
export function makeImageShard(job: ImageShardJob): ShardSummary {
  const { images, originalSize, size, source, path, key } = job;
  return keepOrMake(path, key, () => {
    const pixels = originalSize ** 2;
    const values = new Uint8Array(images.length * pixels * SLICE_CHANNELS);
    images.forEach(({ paths }, n) => {
      paths.forEach((file, channel) => {
        const { grey } = readGreyPng(file, originalSize);
        const upright = job.orientation === "upright" ? grey : antiTranspose(grey, originalSize);
        for (let i = 0, to = n * pixels * SLICE_CHANNELS + channel; i < pixels; i++, to += SLICE_CHANNELS)
          values[to] = upright[i] as number;
      });
    });
    return {
      size,
      count: images.length,
      images: originalSize === STUDY_SIZE ? shrinkSlices(values, size) : values,
      subjects: images.map(({ name }) => name),
      subjectOf: Int32Array.from(images, (_, n) => n),
      z: new Int32Array(images.length),
      simulated: false,
      source,
    };
  });
}
