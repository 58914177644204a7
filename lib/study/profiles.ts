import { COHORT_VERSION, type CohortRecipe } from "../data/simulation/cohort-recipe";
import type { SplitCounts } from "../data/split";
import { InputError } from "../errors";
import type { DiffusionUNetConfig } from "../models/diffusion/diffusion-unet";
import type { UNetConfig } from "../models/unet/unet";
import type { SamplingMethod } from "../sampling/diffusion-sampler";
import type { SegmentationConfig } from "../training/segmentation/segmentation";
import type { DiffusionConfig } from "../training/diffusion/train-diffusion";

/** Everything that decides the results of a study. */
export interface Profile {
  readonly name: ProfileName;
  /** One line for people. */
  readonly purpose: string;
  /** False where the budgets are too small for the numbers to say anything. */
  readonly meaningful: boolean;
  /** Seed of every random draw but the cohort's. */
  readonly seed: number;
  readonly cohort: { readonly recipe: CohortRecipe };
  readonly split: SplitCounts;
  /** Height and width of the slices, pixels. */
  readonly size: number;
  readonly diffusion: DiffusionConfig;
  /** Whether the generator is trained in the run or its weights come with the project. */
  readonly generatorWeights: "trained" | "shipped";
  readonly sampling: SamplingConfig;
  readonly segmentation: { readonly network: UNetConfig; readonly training: SegmentationConfig };
  /** Seconds each stage took on the machine of environment.md: only for the estimate of the time left. */
  readonly expectedSec: Readonly<Record<string, number>>;
}

export interface SamplingConfig {
  readonly method: SamplingMethod;
  readonly images: number;
  readonly batchSize: number;
}

export const PROFILE_NAMES = ["smoke", "quick", "laptop"] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** The denoiser of the study's diffusion model: its flags, and guided-diffusion's defaults at 256x256. */
export const STUDY_DENOISER = {
  imageChannels: 5,
  outChannels: 5,
  baseChannels: 64,
  channelMultipliers: [1, 1, 2, 2, 4, 4],
  blocksPerLevel: 3,
  attentionFactors: [16, 32], // at 16 and 8 pixels
  heads: 4,
  scaleShiftNorm: true,
  normGroups: 32,
} as const satisfies DiffusionUNetConfig;

/** Optimizer of the study's U-Net (study's code, lightning_module.py), the same in every profile. */
const SEGMENTATION_OPTIMIZER = { momentum: 0.99, weightDecay: 3e-5, clipNorm: 12 };

/**
 * A denoiser that learns in an hour on two cores: a quarter of the study's channels, three levels for 32
 * pixels, one block a level, attention at 8 pixels as in the study.
 */
const SMALL_DENOISER = {
  ...STUDY_DENOISER,
  baseChannels: 16,
  channelMultipliers: [1, 2, 4],
  blocksPerLevel: 1,
  attentionFactors: [4],
  normGroups: 8,
} as const satisfies DiffusionUNetConfig;

/** Seed, cohort and split that the shipped generator was trained with; the profiles below share them. */
const SHARED = {
  seed: 1,
  cohort: { recipe: { name: "simulated-glioma", version: COHORT_VERSION, seed: 1, subjects: 72 } },
  split: { validation: 6, test: 14 },
  size: 32,
  diffusion: {
    network: SMALL_DENOISER,
    // Both are options of the reference (`noise_schedule cosine`, `predict_xstart`). The study used neither;
    // in so short a training they keep the grey levels of whole channels from drifting.
    schedule: { name: "cosine", steps: 1000 },
    target: "image",
    weighting: { leastSnr: 1, mostSnr: 5 }, // published after guided-diffusion; sharpens a short training
    training: {
      images: 200_000,
      batchSize: 32,
      learningRate: { peak: 1e-3, warmUpImages: 5_000, decay: "cosine" },
      ema: { halfLifeImages: 10_000, rampUp: 0.05 },
    },
  },
} as const;

const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  smoke: {
    ...SHARED,
    name: "smoke",
    purpose: "every part once, in miniature; its numbers mean nothing",
    meaningful: false,
    cohort: { recipe: { ...SHARED.cohort.recipe, seed: 2, subjects: 6 } },
    split: { validation: 1, test: 2 },
    size: 32,
    diffusion: {
      ...SHARED.diffusion,
      network: { ...SMALL_DENOISER, baseChannels: 8, channelMultipliers: [1, 2, 2] },
      training: { ...SHARED.diffusion.training, images: 1_600, batchSize: 16 },
    },
    generatorWeights: "trained",
    sampling: { method: { kind: "ddim", steps: 10 }, images: 64, batchSize: 32 },
    segmentation: {
      network: { inChannels: 4, classes: 4, depth: 4, firstChannels: 4, padding: "same" },
      training: segmentationTraining({ images: 1_600, epochImages: 160, batchSize: 16 }),
    },
    expectedSec: {},
  },
  quick: {
    ...SHARED,
    name: "quick",
    purpose: "samples of the shipped generator, U-Nets trained here: the default, for a first look",
    meaningful: true,
    generatorWeights: "shipped",
    sampling: { method: { kind: "ddim", steps: 25 }, images: 1_024, batchSize: 64 },
    segmentation: quickSegmentation(),
    expectedSec: {
      cohort: 58,
      slices: 15,
      samples: 81,
      "segmentation-real": 75,
      "segmentation-synthetic": 69,
      memorization: 2,
      figures: 27,
      notebooks: 28,
    },
  },
  laptop: {
    ...SHARED,
    name: "laptop",
    purpose: "everything trained from scratch; this is how the shipped generator was made",
    meaningful: true,
    generatorWeights: "trained",
    sampling: { method: { kind: "ddim", steps: 50 }, images: 4_096, batchSize: 64 },
    segmentation: quickSegmentation(),
    expectedSec: {},
  },
};

/**
 * The profile of a name.
 *
 * @throws InputError naming the profiles there are.
 */
export function profileOf(name: string): Profile {
  const known = PROFILE_NAMES.find((candidate) => candidate === name);
  if (known === undefined)
    throw new InputError(`profile ${name}`, "is not known", `Choose one of ${PROFILE_NAMES.join(", ")}`);
  return PROFILES[known];
}

function quickSegmentation(): Profile["segmentation"] {
  return {
    network: { inChannels: 4, classes: 4, depth: 4, firstChannels: 16, padding: "same" },
    training: segmentationTraining({ images: 12_000, epochImages: 400, batchSize: 16 }),
  };
}

/** The study's training with a smaller budget: as many epochs as fit, each of fewer images. */
function segmentationTraining(
  budget: Pick<SegmentationConfig, "images" | "epochImages" | "batchSize">,
): SegmentationConfig {
  return {
    ...budget,
    initialLearningRate: 2e-2,
    warmUpEpochs: 5,
    optimizer: SEGMENTATION_OPTIMIZER,
    validateEveryImages: Math.ceil(budget.images / 8),
  };
}
