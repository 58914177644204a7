import { InputError } from "../errors";
import type { DiffusionUNetConfig } from "../models/diffusion/diffusion-unet";
import { SLICE_CHANNELS } from "../shape";
import {
  PROGRESSIVE_GAN_RECIPE,
  STYLEGAN1_RECIPE,
  STYLEGAN2_RECIPE,
  STYLEGAN3_R_RECIPE,
  STYLEGAN3_RECIPE,
} from "../training/gan/gan-recipes";
import type {
  DiffusionGeneratorConfig,
  GanSampling,
  GeneratorConfig,
  ProgressiveGan,
  Stylegan1,
  Stylegan2,
  Stylegan3,
} from "./generator-config";

/**
 * The study's settings: 256x256 pixels, five channels. A value without a remark is the default of the reference
 * implementation that the study ran; the training recipes with theirs stand in `gan-recipes.ts`.
 */

const SIZE = 256;

/** Images drawn together where the study drew one at a time, or does not say: as its diffusion model's. */
const SAMPLING_BATCH = 16;

/** The study's command for StyleGAN 2 and 3: no truncation, noise_mode const. */
const SAMPLING: GanSampling = {
  truncation: null,
  noise: "constant",
  batchSize: SAMPLING_BATCH,
  masks: "thresholds",
  blackBelow: 0,
};

/** `config.py` and `networks.py` of tkarras/progressive_growing_of_gans: min(8192 / 2^(log2 r - 1), 512) channels. */
const PROGRESSIVE_PYRAMID = {
  resolution: SIZE,
  imageChannels: SLICE_CHANNELS,
  channelBase: 16384,
  channelMax: 512,
  minibatchStddevGroup: 4,
} as const;

const PROGRESSIVE_GAN_NETWORK = { ...PROGRESSIVE_PYRAMID, latentSize: 512, fusedScale: true } as const;

const PROGRESSIVE_GAN: ProgressiveGan = {
  kind: "progressive-gan",
  generator: PROGRESSIVE_GAN_NETWORK,
  discriminator: PROGRESSIVE_GAN_NETWORK,
  training: PROGRESSIVE_GAN_RECIPE,
  sampling: SAMPLING, // it has neither styles nor noise
};

const MAPPING = { latentSize: 512, styleSize: 512, layers: 8, learningRateMultiplier: 0.01 } as const;

/** `networks_stylegan.py` of NVlabs/stylegan. */
const STYLEGAN1_NETWORK = { ...PROGRESSIVE_PYRAMID, mapping: { ...MAPPING, meanDecay: 0.995 } } as const;

const STYLEGAN1: Stylegan1 = {
  kind: "stylegan1",
  generator: STYLEGAN1_NETWORK,
  discriminator: STYLEGAN1_NETWORK,
  // The snapshot that the study sampled.
  training: { ...STYLEGAN1_RECIPE, images: 16_526_000 },
  // The study's sampling script; the reference truncates 8 of the 14 layers.
  sampling: { ...SAMPLING, truncation: { psi: 0.7, layers: 8 }, noise: "random" },
};

/** `train.py --cfg=stylegan2` and `networks_stylegan2.py` of NVlabs/stylegan3. */
const STYLEGAN2_PYRAMID = {
  resolution: SIZE,
  imageChannels: SLICE_CHANNELS,
  channelBase: 32768,
  channelMax: 512,
} as const;

const STYLEGAN2_DISCRIMINATOR = {
  ...STYLEGAN2_PYRAMID,
  architecture: "resnet",
  convClamp: 256,
  minibatchStddev: { groupSize: 4, channels: 1 },
} as const;

const STYLEGAN2: Stylegan2 = {
  kind: "stylegan2",
  generator: {
    ...STYLEGAN2_PYRAMID,
    mapping: { ...MAPPING, meanDecay: 0.998 },
    architecture: "skip",
    noiseInputs: true,
    convClamp: 256,
  },
  discriminator: STYLEGAN2_DISCRIMINATOR,
  // Gamma 8 in the recipe: the study's choice of 2, 5 and 8, for both cohorts.
  training: STYLEGAN2_RECIPE,
  sampling: SAMPLING,
};

/** `train.py --cfg=stylegan3-t` and `networks_stylegan3.py` of NVlabs/stylegan3, batch 32. */
const STYLEGAN3: Stylegan3 = {
  kind: "stylegan3",
  generator: {
    ...STYLEGAN2_PYRAMID,
    mapping: { ...MAPPING, layers: 2, meanDecay: 0.998 },
    layers: 14,
    criticalLayers: 2,
    firstCutoff: 2,
    firstStopband: 2 ** 2.1,
    lastStopbandRatio: 2 ** 0.3,
    margin: 10,
    kernelSize: 3,
    filterSize: 6,
    rectifierUpsampling: 2,
    radialFilters: false,
    outputScale: 0.25,
    convClamp: 256,
    magnitudeDecay: 0.5 ** (32 / 20_000),
  },
  discriminator: STYLEGAN2_DISCRIMINATOR,
  // Gamma 8 in the recipe: the study's choice for BraTS 2020.
  training: STYLEGAN3_RECIPE,
  sampling: SAMPLING,
};

/** The denoiser of the study's diffusion model: its flags, and guided-diffusion's defaults at 256x256. */
export const STUDY_DENOISER = {
  imageChannels: SLICE_CHANNELS,
  outChannels: SLICE_CHANNELS,
  baseChannels: 64,
  channelMultipliers: [1, 1, 2, 2, 4, 4],
  blocksPerLevel: 3,
  attentionFactors: [16, 32], // at 16 and 8 pixels
  heads: 4,
  scaleShiftNorm: true,
  normGroups: 32,
} as const satisfies DiffusionUNetConfig;

const DIFFUSION: DiffusionGeneratorConfig = {
  kind: "diffusion",
  size: SIZE,
  network: STUDY_DENOISER,
  schedule: { name: "linear", steps: 4000 }, // the study's flags
  target: "noise",
  weighting: "simple",
  training: {
    // 30,000 steps of 32: the checkpoint of the study's example. How long it trained is not published.
    images: 960_000,
    batchSize: 32,
    learningRate: { peak: 1e-4, warmUpImages: 0, decay: "constant" },
    ema: { decay: 0.9999 },
  },
  // The study's sampling script: every step, 16 images at a time.
  sampling: { method: { kind: "ancestral" }, batchSize: SAMPLING_BATCH, masks: "thresholds", blackBelow: 0 },
};

const STUDY = {
  "brats2020/progressive-gan": PROGRESSIVE_GAN,
  "brats2020/stylegan1": STYLEGAN1,
  "brats2020/stylegan2": STYLEGAN2,
  "brats2020/stylegan3": STYLEGAN3,
  "brats2020/diffusion": DIFFUSION,
  "brats2021/progressive-gan": PROGRESSIVE_GAN,
  "brats2021/stylegan1": STYLEGAN1,
  "brats2021/stylegan2": STYLEGAN2,
  // The name of the study's set says gamma 10.
  "brats2021/stylegan3": {
    ...STYLEGAN3,
    training: { ...STYLEGAN3_RECIPE, r1: { gamma: 10, everySteps: 16 } },
  },
  "brats2021/diffusion": DIFFUSION,
  // Not run by the study: `--cfg=stylegan3-r`, kernels of one pixel and twice the channels.
  "reference/stylegan3-r": {
    ...STYLEGAN3,
    generator: {
      ...STYLEGAN3.generator,
      channelBase: 65536,
      channelMax: 1024,
      kernelSize: 1,
      radialFilters: true,
    },
    training: STYLEGAN3_R_RECIPE,
  },
} as const satisfies Readonly<Record<string, GeneratorConfig>>;

export type StudyConfigName = keyof typeof STUDY;

export const STUDY_CONFIG_NAMES = Object.keys(STUDY) as readonly StudyConfigName[];

/**
 * A generator with the study's settings.
 *
 * @param name The cohort and the generator, such as `brats2020/stylegan2`.
 * @throws InputError naming those there are.
 */
export function studyConfig(name: string): GeneratorConfig {
  const known = STUDY_CONFIG_NAMES.find((candidate) => candidate === name);
  if (known === undefined)
    throw new InputError(
      name,
      "is no setting of the study",
      `Choose one of ${STUDY_CONFIG_NAMES.join(", ")}`,
    );
  return STUDY[known];
}
