import { InputError } from "../errors";
import type { DiffusionUNetConfig } from "../models/diffusion/diffusion-unet";
import { SLICE_CHANNELS } from "../shape";
import {
  PROGRESSIVE_GAN_RECIPE,
  STYLEGAN1_RECIPE,
  STYLEGAN2_RECIPE,
  STYLEGAN3_RECIPE,
} from "../training/gan/gan-recipes";
import type { GanRecipe } from "../training/gan/gan-recipe";
import type { LearningRateConfig } from "../training/optimizers/learning-rate";
import type {
  DiffusionGeneratorConfig,
  GanSampling,
  GeneratorConfig,
  GeneratorName,
  ProgressiveGan,
  Stylegan1,
  Stylegan2,
  Stylegan3,
} from "./generator-config";
import { BLACK_BELOW, MASKS, SCALES, SMALL_SIZES, type Scale, type SmallSize } from "./small-scales";
import { STUDY_DENOISER } from "./study-configs";

/** Half of the references': what a short training lacks is steps. */
const BATCH = 16;
const RATE = 0.003;
/** Of the discriminators that are not grown: below the generator's, or they know the few training slices too soon. */
const DISCRIMINATOR_RATE = 0.002;

/** Half-life 3,000 images: a third of StyleGAN 2's, for budgets of a hundredth. */
const EMA = { halfLifeImages: 3_000, rampUp: 0.05 } as const;

/**
 * A generator in a size that learns on two cores: narrow, with a budget of a few hundred thousand images. What is not
 * named here is as in the study's settings.
 *
 * @throws InputError if there is none of this size.
 */
export function smallConfig(name: GeneratorName, size: number): GeneratorConfig {
  const known = SMALL_SIZES.find((candidate) => candidate === size);
  if (known === undefined)
    throw new InputError(`size ${size}`, "is not among the small ones", `Choose ${SMALL_SIZES.join(" or ")}`);
  return MAKE[name](SCALES[known]);
}

const MAKE: Readonly<Record<GeneratorName, (scale: Scale) => GeneratorConfig>> = {
  "progressive-gan": smallProgressiveGan,
  stylegan1: smallStylegan1,
  stylegan2: smallStylegan2,
  stylegan3: smallStylegan3,
  diffusion: ({ size }) => DIFFUSION[size],
};

function smallProgressiveGan(scale: Scale): ProgressiveGan {
  const network = {
    ...pyramid(scale),
    minibatchStddevGroup: 4,
    latentSize: scale.channelMax,
    fusedScale: true,
  };
  return {
    kind: "progressive-gan",
    generator: network,
    discriminator: network,
    training: {
      ...PROGRESSIVE_GAN_RECIPE,
      images: scale.images["progressive-gan"],
      schedule: growing(scale),
      ema: EMA,
    },
    sampling: drawing(scale),
  };
}

function smallStylegan1(scale: Scale): Stylegan1 {
  const network = { ...pyramid(scale), minibatchStddevGroup: 4, mapping: mapping(scale, 4, 0.995) };
  return {
    kind: "stylegan1",
    generator: network,
    discriminator: network,
    training: {
      ...STYLEGAN1_RECIPE,
      images: scale.images.stylegan1,
      schedule: growing(scale),
      r1: { gamma: scale.gamma, everySteps: 1 },
      ema: EMA,
    },
    sampling: { ...drawing(scale), masks: scale.stylegan1Masks, noise: "random" },
  };
}

function smallStylegan2(scale: Scale): Stylegan2 {
  return {
    kind: "stylegan2",
    generator: {
      ...pyramid(scale),
      mapping: mapping(scale, 2, 0.998),
      architecture: "skip",
      // So short a training makes the mask's classes of the noise: dots, where larger ones learn borders.
      noiseInputs: false,
      convClamp: null,
    },
    discriminator: residualDiscriminator(scale),
    training: {
      ...STYLEGAN2_RECIPE,
      images: scale.images.stylegan2,
      // As in the reference's own settings for 32 pixels (`--cfg=cifar` of NVlabs/stylegan2-ada-pytorch).
      pathLength: null,
      styleMixing: 0,
      schedule: constant(RATE, DISCRIMINATOR_RATE),
      r1: { gamma: scale.gamma, everySteps: 16 },
      ema: EMA,
    },
    sampling: drawing(scale),
  };
}

function smallStylegan3(scale: Scale): Stylegan3 {
  return {
    kind: "stylegan3",
    generator: {
      ...pyramid(scale),
      channelMax: scale.channelMax / 2,
      mapping: mapping(scale, 2, 0.998),
      layers: 8,
      criticalLayers: 2,
      firstCutoff: 2,
      firstStopband: 2 ** 2.1,
      lastStopbandRatio: 2 ** 0.3,
      margin: 4,
      kernelSize: 3,
      filterSize: 6,
      rectifierUpsampling: 2,
      radialFilters: false,
      outputScale: 0.25,
      convClamp: null,
      magnitudeDecay: 0.5 ** (BATCH / 20_000),
    },
    discriminator: residualDiscriminator(scale),
    training: {
      ...STYLEGAN3_RECIPE,
      images: scale.images.stylegan3,
      schedule: constant(RATE, DISCRIMINATOR_RATE),
      r1: { gamma: scale.gamma, everySteps: 16 },
      ema: EMA,
    },
    sampling: drawing(scale),
  };
}

function drawing({ drawnTogether }: Scale): GanSampling {
  return {
    truncation: null,
    noise: "constant",
    batchSize: drawnTogether,
    masks: MASKS,
    blackBelow: BLACK_BELOW,
  };
}

function pyramid({
  size,
  channelBase,
  channelMax,
}: Scale): Readonly<Record<"resolution" | "imageChannels" | "channelBase" | "channelMax", number>> {
  return { resolution: size, imageChannels: SLICE_CHANNELS, channelBase, channelMax };
}

function mapping(
  { channelMax }: Scale,
  layers: number,
  meanDecay: number,
): Stylegan2["generator"]["mapping"] {
  return { latentSize: channelMax, styleSize: channelMax, layers, learningRateMultiplier: 0.01, meanDecay };
}

function residualDiscriminator(scale: Scale): Stylegan2["discriminator"] {
  return {
    ...pyramid(scale),
    architecture: "resnet",
    convClamp: null,
    minibatchStddev: { groupSize: 4, channels: 1 },
  };
}

/** Starts at 8 pixels, as StyleGAN 1 does: 4 are soon learnt and cost as many images. */
function growing({ phaseImages }: Scale): GanRecipe["schedule"] {
  return {
    kind: "progressive",
    initialResolution: 8,
    stableImages: phaseImages,
    fadeImages: phaseImages,
    batchSizes: { otherwise: BATCH, at: {} },
    learningRates: { otherwise: RATE, at: {} },
    repeats: 4,
  };
}

function constant(generatorRate: number, discriminatorRate: number): GanRecipe["schedule"] {
  const rate = (peak: number): LearningRateConfig => ({ peak, warmUpImages: 0, decay: "constant" });
  return {
    kind: "constant",
    batchSize: BATCH,
    generatorRate: rate(generatorRate),
    discriminatorRate: rate(discriminatorRate),
  };
}

/**
 * A quarter of the study's channels, one block a level, attention at 8 pixels as in the study. Cosine schedule and
 * prediction of the image are options of the reference (`noise_schedule cosine`, `predict_xstart`); the study used
 * neither. In so short a training they keep the grey levels of whole channels from drifting.
 */
const DIFFUSION_32 = {
  kind: "diffusion",
  size: 32,
  network: {
    ...STUDY_DENOISER,
    baseChannels: 16,
    channelMultipliers: [1, 2, 4],
    blocksPerLevel: 1,
    attentionFactors: [4],
    normGroups: 8,
  } satisfies DiffusionUNetConfig,
  schedule: { name: "cosine", steps: 1000 },
  target: "image",
  weighting: { leastSnr: 1, mostSnr: 5 }, // published after guided-diffusion; sharpens a short training
  training: {
    images: 200_000,
    batchSize: 32,
    learningRate: { peak: 1e-3, warmUpImages: 5_000, decay: "cosine" },
    ema: { halfLifeImages: 10_000, rampUp: 0.05 },
  },
  // Nine steps come nearer to 200 of DDIM from the same noise than 25 of DDIM do (root mean square 0.030 and 0.050 of
  // [-1, 1], 32 images of diffusion-64). Batches of 16 take the least time an image.
  sampling: {
    method: { kind: "dpm-solver", steps: 9 },
    batchSize: 16,
    masks: MASKS,
    blackBelow: BLACK_BELOW,
  },
} as const satisfies DiffusionGeneratorConfig;

const DIFFUSION: Readonly<Record<SmallSize, DiffusionGeneratorConfig>> = {
  32: DIFFUSION_32,
  64: {
    ...DIFFUSION_32,
    size: 64,
    network: { ...DIFFUSION_32.network, channelMultipliers: [1, 2, 4, 4], attentionFactors: [8] },
    training: { ...DIFFUSION_32.training, images: 140_000 },
  },
};
