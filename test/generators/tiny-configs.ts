import type { GanRecipe } from "../../lib/training/gan/gan-recipe";
import type { GanGeneratorConfig, GeneratorConfig } from "../../lib/generators/generator-config";
import { TINY_DIFFUSION } from "../training/tiny-diffusion";
import { TINY_PROGRESSIVE_GAN, TINY_STYLEGAN1, TINY_STYLEGAN2 } from "../training/tiny-gan";

const PYRAMID = { resolution: 8, imageChannels: 5, channelBase: 32, channelMax: 4 };
const GROWING = { ...PYRAMID, minibatchStddevGroup: 2 };
const MAPPING = { latentSize: 4, styleSize: 4, layers: 2, learningRateMultiplier: 0.01, meanDecay: 0.9 };
const PROGRESSIVE = { ...GROWING, latentSize: 4, fusedScale: true };
const DISCRIMINATOR = {
  ...PYRAMID,
  architecture: "resnet",
  convClamp: null,
  minibatchStddev: { groupSize: 2, channels: 1 },
} as const;
const SAMPLING = {
  truncation: null,
  noise: "constant",
  batchSize: 4,
  masks: "thresholds",
  blackBelow: 0,
} as const;

/** A recipe of three or four steps, without the augmentations, which take long to record. */
const short = (recipe: GanRecipe): GanRecipe => ({ ...recipe, images: 16, augmentation: null });

/** Every generator at 8x8 pixels. */
export const TINY_CONFIGS: readonly GeneratorConfig[] = [
  {
    kind: "progressive-gan",
    generator: PROGRESSIVE,
    discriminator: PROGRESSIVE,
    training: short(TINY_PROGRESSIVE_GAN.recipe),
    sampling: SAMPLING,
  },
  {
    kind: "stylegan1",
    generator: { ...GROWING, mapping: MAPPING },
    discriminator: { ...GROWING, mapping: MAPPING },
    training: short(TINY_STYLEGAN1.recipe),
    sampling: { ...SAMPLING, truncation: { psi: 0.7, layers: 2 }, noise: "random" },
  },
  {
    kind: "stylegan2",
    generator: { ...PYRAMID, mapping: MAPPING, architecture: "skip", noiseInputs: true, convClamp: null },
    discriminator: DISCRIMINATOR,
    training: short(TINY_STYLEGAN2.recipe),
    sampling: { ...SAMPLING, noise: "random" },
  },
  {
    kind: "stylegan3",
    generator: {
      ...PYRAMID,
      mapping: MAPPING,
      ...{ layers: 3, criticalLayers: 1, firstCutoff: 1, firstStopband: 2, lastStopbandRatio: 1.2 },
      ...{ margin: 2, kernelSize: 3, filterSize: 4, rectifierUpsampling: 2, radialFilters: false },
      ...{ outputScale: 0.25, convClamp: null, magnitudeDecay: 0.99 },
    },
    discriminator: DISCRIMINATOR,
    training: { ...short(TINY_STYLEGAN2.recipe), pathLength: null, styleMixing: 0 },
    sampling: SAMPLING,
  },
  {
    kind: "diffusion",
    size: 8,
    ...TINY_DIFFUSION,
    training: { ...TINY_DIFFUSION.training, images: 16 },
    sampling: { method: { kind: "ddim", steps: 4 }, batchSize: 4, masks: "thresholds", blackBelow: 0 },
  },
];

export function tinyConfig(kind: GanGeneratorConfig["kind"] | "diffusion"): GeneratorConfig {
  const config = TINY_CONFIGS.find((candidate) => candidate.kind === kind);
  if (config === undefined) throw new Error(`no tiny ${kind}`);
  return config;
}
