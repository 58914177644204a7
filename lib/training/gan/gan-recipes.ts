import { MASK_CHANNEL } from "../../shape";
import { BGC } from "../adaptive-augmentation/augment-config";
import { AUGMENT_STRENGTH_DEFAULTS } from "../adaptive-augmentation/augment-strength";
import type { EmaConfig } from "../optimizers/ema";
import type { GanRecipe } from "./gan-recipe";

/**
 * The recipes of the four references at 256 pixels, as far as the study's sources tell with what it changed. Where
 * it ran several devices, batches are those of all of them together.
 */

/** Adam as all four references have it. */
const ADAM = { beta1: 0, beta2: 0.99, epsilon: 1e-8 } as const;

/** One phase of growing: 600,000 images at a resolution, 600,000 to fade the next one in. */
const GROWTH = { stableImages: 600_000, fadeImages: 600_000, repeats: 4 } as const;

/** Batch at each resolution on one device. */
const BATCHES = {
  otherwise: 4,
  at: { 4: 128, 8: 128, 16: 128, 32: 64, 64: 32, 128: 16, 256: 8, 512: 4 },
} as const;

/** Progressive GAN on one device: `config.py`, `train.py` and `loss.py` of tkarras/progressive_growing_of_gans. */
export const PROGRESSIVE_GAN_RECIPE = {
  images: 12_000_000,
  schedule: {
    kind: "progressive",
    initialResolution: 4,
    ...GROWTH,
    batchSizes: BATCHES,
    learningRates: { otherwise: 0.001, at: { 1024: 0.0015 } },
  },
  loss: { kind: "wasserstein", penaltyWeight: 10, penaltyTarget: 1, drift: 0.001 },
  r1: null,
  pathLength: null,
  augmentation: null,
  blur: null,
  styleMixing: 0,
  adam: ADAM,
  ema: { decay: 0.999 },
} as const satisfies GanRecipe;

/** StyleGAN 1 on one device: `train.py` and `training/` of NVlabs/stylegan; the study sampled after 16,526,000 images. */
export const STYLEGAN1_RECIPE = {
  images: 25_000_000,
  schedule: {
    kind: "progressive",
    initialResolution: 8,
    ...GROWTH,
    batchSizes: BATCHES,
    learningRates: { otherwise: 0.001, at: { 128: 0.0015, 256: 0.002, 512: 0.003, 1024: 0.003 } },
  },
  loss: { kind: "logistic" },
  r1: { gamma: 10, everySteps: 1 },
  pathLength: null,
  augmentation: null,
  blur: null,
  styleMixing: 0.9,
  adam: ADAM,
  ema: { halfLifeImages: 10_000, rampUp: 0 },
} as const satisfies GanRecipe;

/** Half-life 10,000 images at a batch of 32, rising over the first of them; `train.py` of NVlabs/stylegan3. */
const EMA: EmaConfig = { halfLifeImages: 10_000, rampUp: 0.05 };

/** The study chose gamma 8 of 2, 5 and 8; for BraTS 2021 and StyleGAN 3 it took 10. */
const STUDY_R1 = { gamma: 8, everySteps: 16 } as const;

const rate = (peak: number) => ({ peak, warmUpImages: 0, decay: "constant" }) as const;

/** StyleGAN 2: `train.py --cfg=stylegan2` of NVlabs/stylegan3, batch 32; the study's gamma. */
export const STYLEGAN2_RECIPE = {
  images: 25_000_000,
  schedule: { kind: "constant", batchSize: 32, generatorRate: rate(0.002), discriminatorRate: rate(0.002) },
  loss: { kind: "logistic" },
  r1: STUDY_R1,
  pathLength: { weight: 2, decay: 0.01, batchShrink: 2, everySteps: 4 },
  augmentation: null,
  blur: null,
  styleMixing: 0.9,
  adam: ADAM,
  ema: EMA,
} as const satisfies GanRecipe;

/** StyleGAN 3: `train.py --cfg=stylegan3-t` of NVlabs/stylegan3, batch 32; the study's gamma. */
export const STYLEGAN3_RECIPE = {
  ...STYLEGAN2_RECIPE,
  schedule: { kind: "constant", batchSize: 32, generatorRate: rate(0.0025), discriminatorRate: rate(0.002) },
  pathLength: null,
  styleMixing: 0,
} as const satisfies GanRecipe;

/**
 * StyleGAN 3-R, which the study did not run: `train.py --cfg=stylegan3-r` of NVlabs/stylegan3 with its defaults and,
 * for gamma, its `docs/configs.md` at 256 pixels. Its colour augmentations change the sequences, not the mask.
 */
export const STYLEGAN3_R_RECIPE = {
  ...STYLEGAN3_RECIPE,
  r1: { gamma: 2, everySteps: 16 },
  augmentation: {
    pipe: BGC,
    colourChannels: MASK_CHANNEL,
    initial: 0,
    strength: AUGMENT_STRENGTH_DEFAULTS,
  },
  blur: { initialSigma: 10, fadeImages: 200_000 },
} as const satisfies GanRecipe;
