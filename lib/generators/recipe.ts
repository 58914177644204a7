import { MASK_DECODING_TITLE } from "../data/mask-decoding";
import { SAMPLING_TITLE } from "../sampling/diffusion-sampler";
import type { GanRecipe } from "../training/gan/gan-recipe";
import type { EmaConfig } from "../training/optimizers/ema";
import type {
  DiffusionGeneratorConfig,
  GanGeneratorConfig,
  GanSampling,
  GeneratorConfig,
} from "./generator-config";
import { sizeOf } from "./generator-config";

/** A setting in words. */
export interface Setting {
  readonly what: string;
  readonly value: string;
}

/** How a generator is trained and how its images are drawn, in words and in the order of its steps. */
export function recipeOf(config: GeneratorConfig): readonly Setting[] {
  const size = { what: "images", value: `${sizeOf(config)} x ${sizeOf(config)} pixels` };
  const steps = config.kind === "diffusion" ? diffusionRecipe(config) : ganRecipe(config);
  const masks = { what: "masks", value: MASK_DECODING_TITLE[config.sampling.masks] };
  const background = { what: "background", value: backgroundText(config.sampling.blackBelow) };
  return [size, ...steps, masks, background];
}

/** What is done with the nearly black pixels of a drawn image. */
export function backgroundText(blackBelow: number): string {
  return blackBelow === 0 ? "as drawn" : `grey values below ${blackBelow} are 0`;
}

function ganRecipe(config: GanGeneratorConfig): readonly Setting[] {
  const { kind, training, sampling } = config;
  const styles = kind !== "progressive-gan";
  const { r1, pathLength, augmentation, blur, adam, ema } = training;
  return [
    { what: "images seen", value: grouped(training.images) },
    ...scheduleSettings(training),
    { what: "loss", value: lossText(training) },
    { what: "R1 penalty", value: r1 === null ? "none" : `gamma ${r1.gamma}, ${every(r1.everySteps)}` },
    ...(styles
      ? [
          {
            what: "path length",
            value:
              pathLength === null ? "none" : `weight ${pathLength.weight}, ${every(pathLength.everySteps)}`,
          },
          { what: "style mixing", value: chance(training.styleMixing) },
        ]
      : []),
    {
      what: "augmentation of what the discriminator sees",
      value: augmentation === null ? "none" : "adaptive",
    },
    {
      what: "blur of what the discriminator sees",
      value:
        blur === null ? "none" : `${blur.initialSigma} pixels, gone after ${grouped(blur.fadeImages)} images`,
    },
    { what: "Adam", value: `betas ${adam.beta1} and ${adam.beta2}` },
    { what: "average of the weights", value: emaText(ema) },
    ...(styles
      ? [
          {
            what: "truncation",
            value:
              sampling.truncation === null
                ? "none"
                : `psi ${sampling.truncation.psi}, ${sampling.truncation.layers === null ? "all" : `first ${sampling.truncation.layers}`} layers`,
          },
          { what: "noise inputs at sampling", value: noiseText(config) },
        ]
      : []),
  ];
}

/** StyleGAN 3 never has noise inputs, StyleGAN 2 may be built without. */
function noiseText(config: GanGeneratorConfig): string {
  const { kind, generator, sampling } = config;
  const built = kind === "stylegan2" ? generator.noiseInputs : kind !== "stylegan3";
  return built ? NOISE_TITLE[sampling.noise] : "there are none";
}

const NOISE_TITLE: Readonly<Record<GanSampling["noise"], string>> = {
  random: "drawn for each image",
  constant: "the same for all images",
  none: "none",
};

function scheduleSettings({ schedule }: GanRecipe): readonly Setting[] {
  if (schedule.kind === "constant")
    return [
      { what: "batch", value: String(schedule.batchSize) },
      {
        what: "learning rate",
        value: `${schedule.generatorRate.peak} generator, ${schedule.discriminatorRate.peak} discriminator`,
      },
    ];
  const { initialResolution: from, stableImages, fadeImages, batchSizes, learningRates } = schedule;
  return [
    {
      what: "growing",
      value: `from ${from} x ${from}; ${grouped(stableImages)} images at a resolution, ${grouped(fadeImages)} to fade in the next`,
    },
    { what: "batch", value: byResolution(batchSizes) },
    { what: "learning rate", value: byResolution(learningRates) },
  ];
}

function diffusionRecipe({
  schedule,
  target,
  weighting,
  training,
  sampling,
}: DiffusionGeneratorConfig): readonly Setting[] {
  const { learningRate, ema, images, batchSize } = training;
  const warmUp =
    learningRate.warmUpImages === 0 ? "" : `, warm-up over ${grouped(learningRate.warmUpImages)} images`;
  const { method } = sampling;
  return [
    { what: "images seen", value: grouped(images) },
    { what: "batch", value: String(batchSize) },
    { what: "learning rate", value: `${learningRate.peak}, ${learningRate.decay}${warmUp}` },
    { what: "noise schedule", value: `${schedule.name}, ${grouped(schedule.steps)} steps` },
    { what: "the network predicts", value: `the ${target}` },
    {
      what: "weight of a step's error",
      value:
        weighting === "simple"
          ? "1"
          : `its signal-to-noise ratio, kept within ${weighting.leastSnr} and ${weighting.mostSnr}`,
    },
    { what: "average of the weights", value: emaText(ema) },
    {
      what: "sampling",
      value:
        method.kind === "ancestral"
          ? `ancestral, all ${grouped(schedule.steps)} steps`
          : `${SAMPLING_TITLE[method.kind]}, ${method.steps} steps`,
    },
  ];
}

function lossText({ loss }: GanRecipe): string {
  return loss.kind === "logistic"
    ? "non-saturating logistic"
    : `Wasserstein, gradient penalty ${loss.penaltyWeight}, drift ${loss.drift}`;
}

function emaText(ema: EmaConfig): string {
  if ("decay" in ema) return `decay ${ema.decay} a step`;
  const ramp = ema.rampUp === 0 ? "" : `, at most ${ema.rampUp} of the images seen`;
  return `half-life ${grouped(ema.halfLifeImages)} images${ramp}`;
}

function byResolution({
  otherwise,
  at,
}: {
  readonly otherwise: number;
  readonly at: Readonly<Record<number, number>>;
}): string {
  const special = Object.entries(at).map(([pixels, value]) => `${value} at ${pixels} pixels`);
  return [...special, special.length === 0 ? String(otherwise) : `else ${otherwise}`].join(", ");
}

function every(steps: number): string {
  return steps === 1 ? "every step" : `every ${steps} steps`;
}

function chance(probability: number): string {
  return probability === 0 ? "none" : `with probability ${probability}`;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
