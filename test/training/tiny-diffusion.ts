import { Rng } from "../../lib/backend/rng";
import type { SliceSet } from "../../lib/data/slice-set";
import type { DiffusionConfig, TrainDiffusionOptions } from "../../lib/training/diffusion/train-diffusion";

/** A diffusion model of 8x8 images that trains in milliseconds a step. */
export const TINY_DIFFUSION = {
  network: {
    imageChannels: 5,
    outChannels: 5,
    baseChannels: 8,
    channelMultipliers: [1, 2],
    blocksPerLevel: 1,
    attentionFactors: [2],
    heads: 2,
    scaleShiftNorm: true,
    normGroups: 4,
  },
  schedule: { name: "linear", steps: 1000 },
  target: "noise",
  weighting: "simple",
  training: {
    images: 80,
    batchSize: 4,
    learningRate: { peak: 2e-3, warmUpImages: 0, decay: "constant" },
    ema: { halfLifeImages: 40, rampUp: 0.5 },
  },
} as const satisfies DiffusionConfig;

/** Slices that are all one grey value, darker in every second one: as easy to learn as images can be. */
export function tinySlices(count = 10, size = 8): SliceSet {
  return {
    size,
    count,
    images: Uint8Array.from({ length: count * size * size * 5 }, (_, i) =>
      Math.floor(i / (size * size * 5)) % 2 === 0 ? 40 : 60,
    ),
    subjects: ["ONE"],
    subjectOf: new Int32Array(count),
    z: Int32Array.from({ length: count }, (_, i) => i + 1),
    simulated: true,
    source: "made for a test",
  };
}

/** What trainDiffusion needs for a tiny run in a folder; a checkpoint after every step. */
export function tinyRun(folder: string, config: DiffusionConfig = TINY_DIFFUSION): TrainDiffusionOptions {
  return {
    config,
    slices: tinySlices(Math.max(10, config.training.batchSize)),
    folder,
    configHash: "tiny",
    rng: Rng.fromSeed(5),
    loop: { checkpointEverySec: -1, logEverySteps: 1 },
  };
}

/** The tiny model with layers and batches large enough for bfloat16 to be used. */
export const TINY_BFLOAT16 = {
  ...TINY_DIFFUSION,
  network: { ...TINY_DIFFUSION.network, baseChannels: 32 },
  training: { ...TINY_DIFFUSION.training, images: 240, batchSize: 24 },
} as const satisfies DiffusionConfig;
