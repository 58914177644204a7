import { RngStream, type Key } from "../../backend/rng";
import type { AugmentationConfig } from "../../data/augmentation/augmentation-config";
import { augmentSlice } from "../../data/augmentation/augment-slice";
import { SLICE_CHANNELS } from "../../shape";
import { newBatch, placeSample, type InputLayout, type SegmentationBatch } from "./segmentation-input";
import { IGNORED_LABEL } from "./segmentation-loss";

/** What an augmented batch is made from, and nothing else: it can be sent to a thread. */
export interface AugmentationJob {
  /** [N, H, W, 5]. */
  readonly pixels: Uint8Array;
  /** Of the random draws of each sample. */
  readonly keys: readonly Key[];
  readonly augmentation: AugmentationConfig;
  readonly layout: InputLayout;
}

/** Slices changed at random, as a network reads them. */
export function augmentedBatch({ pixels, keys, augmentation, layout }: AugmentationJob): SegmentationBatch {
  const batch = newBatch(keys.length, layout);
  const bytes = layout.size ** 2 * SLICE_CHANNELS;
  keys.forEach((key, n) => {
    const slice = pixels.subarray(n * bytes, (n + 1) * bytes);
    const planes = augmentSlice(slice, layout.size, augmentation, new RngStream(key), IGNORED_LABEL);
    placeSample(batch, n, layout, planes);
  });
  return batch;
}
