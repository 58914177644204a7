import { tumourPixels } from "../data/batches";
import { pixelsOf } from "../data/sharded-slices";
import type { SliceSet } from "../data/slice-set";
import type { GeneratorName } from "../generators/generator-config";
import { countMasks, type MaskCounts } from "../generators/mask-check";
import { distinctShare } from "../metrics/distinct-images";
import type { Features } from "../metrics/features";
import { quantile } from "../metrics/quantile";
import { SLICE_CHANNELS } from "../shape";
import type { Study } from "./study";

/** Images at most that are compared with one another, and the side that they are averaged to: what both cost grows with the square. */
const MOST_COMPARED = 768;
const COMPARED_SIDE = 16;

/** What is found in the images of a generator without any network, beside the same of real training slices. */
export interface ImageFacts {
  readonly masks: MaskCounts;
  /** Share of images that are no repeat of another one; 0.99 for real slices. */
  readonly distinct: number;
  readonly compared: number;
  /** Share of images with a tumour, and their median tumour area as a share of the image. */
  readonly tumours: { readonly synthetic: TumourFacts; readonly real: TumourFacts };
}

export interface TumourFacts {
  readonly share: number;
  readonly medianArea: number;
}

/** Looks at the images of a generator; draws them where they are not there yet. */
export async function imageFacts(study: Study, generator: GeneratorName): Promise<ImageFacts> {
  const set = await study.sampleSet(generator);
  const { train } = await study.sliceSets();
  const compared = Math.min(MOST_COMPARED, set.count, train.count);
  return {
    masks: countMasks(set.images, set.size),
    distinct: distinctShare(pixelFeatures(set, compared), pixelFeatures(train, compared)),
    compared,
    tumours: { synthetic: tumourFacts(set), real: tumourFacts(train) },
  };
}

/** Pixels of all channels, averaged to a few: slices at even steps through the set. */
function pixelFeatures(set: SliceSet, count: number): Features {
  const positions = Array.from({ length: count }, (_, i) => Math.floor((i * set.count) / count));
  const side = Math.min(COMPARED_SIDE, set.size);
  const block = Math.floor(set.size / side);
  const size = side ** 2 * SLICE_CHANNELS;
  const blockOf = blocksOf(set.size, side, block);
  const values = new Float32Array(count * size);
  positions.forEach((position, n) => {
    const pixels = pixelsOf(set, position);
    blockOf.forEach((place, i) => {
      if (place < 0) return;
      for (let channel = 0; channel < SLICE_CHANNELS; channel++) {
        const to = n * size + place * SLICE_CHANNELS + channel;
        values[to] = (values[to] as number) + (pixels[i * SLICE_CHANNELS + channel] as number) / block ** 2;
      }
    });
  });
  return { count, size, values };
}

/** Into which block each pixel of a slice falls; -1 for those beyond the last whole one. */
function blocksOf(size: number, side: number, block: number): Int32Array {
  return Int32Array.from({ length: size ** 2 }, (_, i) => {
    const [row, column] = [Math.floor(i / size / block), Math.floor((i % size) / block)];
    return row < side && column < side ? row * side + column : -1;
  });
}

function tumourFacts(set: SliceSet): TumourFacts {
  const areas = Array.from({ length: set.count }, (_, n) => tumourPixels(set, n)).filter(
    (pixels) => pixels > 0,
  );
  return { share: areas.length / set.count, medianArea: quantile(areas, 0.5) / set.size ** 2 };
}
