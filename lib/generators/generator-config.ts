import type { MaskDecoding } from "../data/mask-decoding";
import type { Truncation } from "../models/gan";
import type { ProgressiveGanConfig } from "../models/progressive-gan/progressive-gan-generator";
import type { Stylegan1Config } from "../models/stylegan1/stylegan1-generator";
import type { Stylegan2DiscriminatorConfig } from "../models/stylegan2/stylegan2-discriminator";
import type { Stylegan2GeneratorConfig } from "../models/stylegan2/stylegan2-generator";
import type { Stylegan3GeneratorConfig } from "../models/stylegan3/stylegan3-generator";
import type { SamplingMethod } from "../sampling/diffusion-sampler";
import type { DiffusionConfig } from "../training/diffusion/train-diffusion";
import type { GanRecipe } from "../training/gan/gan-recipe";

/** The study's generators, in the order in which they are shown. */
export const GENERATOR_NAMES = [
  "progressive-gan",
  "stylegan1",
  "stylegan2",
  "stylegan3",
  "diffusion",
] as const;
export type GeneratorName = (typeof GENERATOR_NAMES)[number];

/** What people call them. */
export const GENERATOR_TITLE: Readonly<Record<GeneratorName, string>> = {
  "progressive-gan": "progressive GAN",
  stylegan1: "StyleGAN 1",
  stylegan2: "StyleGAN 2",
  stylegan3: "StyleGAN 3",
  diffusion: "diffusion model",
};

/** As `--noise-mode` of NVlabs/stylegan3 has them. */
export const NOISE_INPUTS = ["random", "constant", "none"] as const;

/** How images are drawn from a trained GAN. */
export interface GanSampling {
  /** How far styles are bent to their mean; null leaves them. Without effect where there are no styles. */
  readonly truncation: Truncation | null;
  /** Noise inputs: drawn for each image, the same for all, or zero. Without effect where there are none. */
  readonly noise: (typeof NOISE_INPUTS)[number];
  /** Images drawn together; batches are always full, so that an image does not depend on how many are asked for. */
  readonly batchSize: number;
  /** How the grey masks become classes. */
  readonly masks: MaskDecoding;
  /** Grey values of the sequences below this are drawn as 0, as around real heads; 0 leaves all. */
  readonly blackBelow: number;
}

/** How images are drawn from a trained diffusion model. */
export interface DiffusionSampling {
  readonly method: SamplingMethod;
  /** As in `GanSampling`. */
  readonly batchSize: number;
  readonly masks: MaskDecoding;
  readonly blackBelow: number;
}

interface GanConfig<Kind extends GeneratorName, Generator, Discriminator> {
  readonly kind: Kind;
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  readonly training: GanRecipe;
  readonly sampling: GanSampling;
}

export type ProgressiveGan = GanConfig<"progressive-gan", ProgressiveGanConfig, ProgressiveGanConfig>;
export type Stylegan1 = GanConfig<"stylegan1", Stylegan1Config, Stylegan1Config>;
export type Stylegan2 = GanConfig<"stylegan2", Stylegan2GeneratorConfig, Stylegan2DiscriminatorConfig>;
/** T or R by `generator.kernelSize`, `generator.radialFilters` and the number of channels. */
export type Stylegan3 = GanConfig<"stylegan3", Stylegan3GeneratorConfig, Stylegan2DiscriminatorConfig>;

/** A generative adversarial network. */
export type GanGeneratorConfig = ProgressiveGan | Stylegan1 | Stylegan2 | Stylegan3;

/** The diffusion model. */
export interface DiffusionGeneratorConfig extends DiffusionConfig {
  readonly kind: "diffusion";
  /** Height and width of its images. */
  readonly size: number;
  readonly sampling: DiffusionSampling;
}

/** A generator whole: its networks, how they are trained, how images are drawn. */
export type GeneratorConfig = GanGeneratorConfig | DiffusionGeneratorConfig;

/** Height and width of a generator's images. */
export function sizeOf(config: GeneratorConfig): number {
  return config.kind === "diffusion" ? config.size : config.generator.resolution;
}
