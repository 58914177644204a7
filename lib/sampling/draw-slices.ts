import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Rng } from "../backend/rng";
import type * as tf from "../backend/tf";
import { tumourPixels } from "../data/batches";
import { concatSlices, readSliceSet, writeSliceSet, type SliceSet } from "../data/slice-set";
import type { Denoiser } from "../models/diffusion/diffusion-unet";
import { SLICE_CHANNELS } from "../shape";
import type { DiffusionConfig } from "../training/diffusion/train-diffusion";
import { CompiledDenoiser } from "./compiled-denoiser";
import { sampleDiffusion, samplingSchedule, type SamplingMethod } from "./diffusion-sampler";

export interface DrawOptions {
  readonly denoiser: Denoiser;
  readonly config: Pick<DiffusionConfig, "schedule" | "target">;
  readonly method: SamplingMethod;
  /** Height and width. */
  readonly size: number;
  /** How many images; image i is drawn from seed i alone, so a longer run begins with the same images. */
  readonly images: number;
  readonly batchSize: number;
  /** Holds finished batches, for a run that is interrupted. */
  readonly folder: string;
  readonly source: string;
  readonly simulated: boolean;
  readonly rng: Rng;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, doneAtStart: number) => void;
}

export interface DrawnSlices {
  readonly set: SliceSet;
  readonly withoutTumour: number;
  /** Of the images drawn by this call; 0 where all were there. */
  readonly imagesPerSec: number;
  /** Removes the batches on disk: once the set is stored, not before. */
  readonly removeBatches: () => void;
}

/** Draws slices batch by batch; each batch is kept on disk, so that an interrupted run goes on after it. */
export async function drawSlices(options: DrawOptions): Promise<DrawnSlices> {
  const { images, batchSize, folder, signal } = options;
  const batches = Math.ceil(images / batchSize);
  const paths = Array.from({ length: batches }, (_, b) =>
    join(folder, `batch-${String(b).padStart(5, "0")}.safetensors`),
  );
  const already = Math.min(images, paths.filter((path) => existsSync(path)).length * batchSize);
  const started = performance.now();
  const denoiser = new CompiledDenoiser(options.denoiser);
  try {
    for (const [b, path] of paths.entries()) {
      const first = b * batchSize;
      const count = Math.min(batchSize, images - first);
      if (!existsSync(path)) writeSliceSet(path, drawBatch({ ...options, denoiser }, first, count));
      options.onProgress?.(first + count, images, already);
      await nextTurn();
      signal?.throwIfAborted();
    }
  } finally {
    denoiser.dispose();
  }
  const imagesPerSec = (1000 * (images - already)) / (performance.now() - started);
  const set = concatSlices(paths.map((path) => readSliceSet(path)));
  const removeBatches = (): void => {
    for (const path of paths) rmSync(path, { force: true });
  };
  return { set, withoutTumour: countWithoutTumour(set), imagesPerSec, removeBatches };
}

function drawBatch(options: DrawOptions, first: number, count: number): SliceSet {
  const { denoiser, config, method, size, rng } = options;
  const schedule = samplingSchedule(config.schedule.name, config.schedule.steps, method);
  const seeds = Array.from({ length: count }, (_, i) => first + i);
  const { target } = config;
  const sampled = sampleDiffusion({
    denoiser,
    schedule,
    target,
    method,
    size,
    channels: SLICE_CHANNELS,
    seeds,
    rng,
  });
  const images = toGrey(sampled);
  sampled.dispose();
  return {
    size,
    count,
    images,
    // Synthetic slices belong to no subject and no position: each stands for itself, named by its seed.
    subjects: seeds.map((seed) => `seed${String(seed).padStart(6, "0")}`),
    subjectOf: Int32Array.from(seeds, (_, i) => i),
    z: new Int32Array(count),
    simulated: options.simulated,
    source: options.source,
  };
}

/** Images in [-1, 1] as 8-bit grey values, (x + 1) 127.5 clipped and rounded down as the reference's samplers do. */
export function toGrey(images: tf.Tensor4D): Uint8Array {
  return Uint8Array.from(images.dataSync(), (x) => Math.min(255, Math.max(0, Math.floor((x + 1) * 127.5))));
}

function countWithoutTumour(set: SliceSet): number {
  return Array.from({ length: set.count }, (_, n) => tumourPixels(set, n)).filter((pixels) => pixels === 0)
    .length;
}
