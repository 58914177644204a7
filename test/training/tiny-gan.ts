import { Rng } from "../../lib/backend/rng";
import type { GanNetworks } from "../../lib/models/gan";
import { Params } from "../../lib/models/params";
import { ProgressiveGanDiscriminator } from "../../lib/models/progressive-gan/progressive-gan-discriminator";
import { ProgressiveGanGenerator } from "../../lib/models/progressive-gan/progressive-gan-generator";
import { Stylegan1Discriminator } from "../../lib/models/stylegan1/stylegan1-discriminator";
import { Stylegan1Generator } from "../../lib/models/stylegan1/stylegan1-generator";
import { Stylegan2Discriminator } from "../../lib/models/stylegan2/stylegan2-discriminator";
import { Stylegan2Generator } from "../../lib/models/stylegan2/stylegan2-generator";
import { Stylegan3Generator } from "../../lib/models/stylegan3/stylegan3-generator";
import { BGC } from "../../lib/training/adaptive-augmentation/augment-config";
import type { GanRecipe } from "../../lib/training/gan/gan-recipe";
import type { TrainGanOptions } from "../../lib/training/gan/train-gan";
import { tinySlices } from "./tiny-diffusion";

const PYRAMID = { resolution: 8, imageChannels: 5, channelBase: 32, channelMax: 4, minibatchStddevGroup: 2 };
const MAPPING = { latentSize: 4, styleSize: 4, layers: 2, learningRateMultiplier: 0.01, meanDecay: 0.9 };
const ADAM = { beta1: 0, beta2: 0.99, epsilon: 1e-8 };

/** 4 pixels for 8 images, fading to 8 pixels over the next 16, then 8 pixels; two steps at a time. */
const GROWING = {
  kind: "progressive",
  initialResolution: 4,
  stableImages: 8,
  fadeImages: 16,
  batchSizes: { otherwise: 2, at: { 4: 4 } },
  learningRates: { otherwise: 0.002, at: { 8: 0.003 } },
  repeats: 2,
} as const;

const RATE = { peak: 0.002, warmUpImages: 0, decay: "constant" } as const;

export interface TinyGan {
  readonly build: (rng: Rng) => GanNetworks;
  readonly recipe: GanRecipe;
}

/** A growing network, of progressive GAN's recipe. */
export const TINY_PROGRESSIVE_GAN: TinyGan = {
  build: (rng) => {
    const config = { ...PYRAMID, latentSize: 4, fusedScale: true };
    return {
      generator: new ProgressiveGanGenerator(new Params(rng.fork("generator")), config),
      discriminator: new ProgressiveGanDiscriminator(new Params(rng.fork("discriminator")), config),
    };
  },
  recipe: {
    images: 30,
    schedule: GROWING,
    loss: { kind: "wasserstein", penaltyWeight: 10, penaltyTarget: 1, drift: 0.001 },
    r1: null,
    pathLength: null,
    augmentation: null,
    blur: null,
    styleMixing: 0,
    adam: ADAM,
    ema: { decay: 0.9 },
  },
};

/** A growing network with styles, R1 in every step. */
export const TINY_STYLEGAN1: TinyGan = {
  build: (rng) => {
    const config = { ...PYRAMID, mapping: MAPPING };
    return {
      generator: new Stylegan1Generator(new Params(rng.fork("generator")), config),
      discriminator: new Stylegan1Discriminator(new Params(rng.fork("discriminator")), config),
    };
  },
  recipe: {
    images: 30,
    schedule: GROWING,
    loss: { kind: "logistic" },
    r1: { gamma: 10, everySteps: 1 },
    pathLength: null,
    augmentation: null,
    blur: null,
    styleMixing: 0.9,
    adam: ADAM,
    ema: { halfLifeImages: 20, rampUp: 0 },
  },
};

const stylegan2Discriminator = (rng: Rng) =>
  new Stylegan2Discriminator(new Params(rng.fork("discriminator")), {
    ...PYRAMID,
    architecture: "resnet",
    convClamp: null,
    minibatchStddev: { groupSize: 2, channels: 1 },
  });

/** A network of one size, both regularisations lazy, with augmentations whose strength adapts. */
export const TINY_STYLEGAN2: TinyGan = {
  build: (rng) => ({
    generator: new Stylegan2Generator(new Params(rng.fork("generator")), {
      ...PYRAMID,
      mapping: MAPPING,
      architecture: "skip",
      noiseInputs: true,
      convClamp: null,
    }),
    discriminator: stylegan2Discriminator(rng),
  }),
  recipe: {
    images: 36,
    schedule: { kind: "constant", batchSize: 4, generatorRate: RATE, discriminatorRate: RATE },
    loss: { kind: "logistic" },
    r1: { gamma: 1, everySteps: 3 },
    pathLength: { weight: 2, decay: 0.01, batchShrink: 2, everySteps: 2 },
    augmentation: {
      pipe: BGC,
      colourChannels: 4,
      initial: 0.2,
      strength: { target: 0.6, imagesToOne: 80, everySteps: 2 },
    },
    blur: null,
    styleMixing: 0.9,
    adam: ADAM,
    ema: { halfLifeImages: 20, rampUp: 0.5 },
  },
};

/**
 * A network whose running magnitudes move, against StyleGAN 2's discriminator, which sees blurred images in seven of
 * the nine steps; R1 lazy.
 */
export const TINY_STYLEGAN3: TinyGan = {
  build: (rng) => ({
    generator: new Stylegan3Generator(new Params(rng.fork("generator")), {
      resolution: 8,
      imageChannels: 5,
      channelBase: 32,
      channelMax: 4,
      layers: 4,
      criticalLayers: 2,
      firstCutoff: 1,
      firstStopband: 2,
      lastStopbandRatio: 2 ** 0.3,
      margin: 2,
      kernelSize: 3,
      filterSize: 6,
      rectifierUpsampling: 2,
      radialFilters: false,
      mapping: MAPPING,
      outputScale: 0.25,
      convClamp: 256,
      magnitudeDecay: 0.9,
    }),
    discriminator: stylegan2Discriminator(rng),
  }),
  recipe: {
    ...TINY_STYLEGAN2.recipe,
    pathLength: null,
    augmentation: null,
    blur: { initialSigma: 2, fadeImages: 32 },
    styleMixing: 0,
  },
};

export const TINY_GANS: readonly (readonly [string, TinyGan])[] = [
  ["progressive GAN", TINY_PROGRESSIVE_GAN],
  ["StyleGAN 1", TINY_STYLEGAN1],
  ["StyleGAN 2", TINY_STYLEGAN2],
  ["StyleGAN 3", TINY_STYLEGAN3],
];

/** What trainGan needs for a tiny run in a folder; a log line after every step, a checkpoint at the end. */
export function tinyGanRun(folder: string, { build, recipe }: TinyGan): TrainGanOptions {
  return {
    build,
    recipe,
    slices: tinySlices(),
    folder,
    configHash: "tiny",
    rng: Rng.fromSeed(5),
    loop: { checkpointEverySec: 3600, logEverySteps: 1 },
  };
}
