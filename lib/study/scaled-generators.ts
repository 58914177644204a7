import type { GeneratorConfig } from "../generators/generator-config";
import type { GanRecipe } from "../training/gan/gan-recipe";

/** A generator of the study for other images: the same channels at each resolution, fewer or more resolutions. */
export function atSize(config: GeneratorConfig, size: number): GeneratorConfig {
  if (config.kind !== "diffusion") {
    const generator = { ...config.generator, resolution: size };
    return {
      ...config,
      generator,
      discriminator: { ...config.discriminator, resolution: size },
    } as GeneratorConfig;
  }
  const halvings = Math.round(Math.log2(config.size / size));
  const { network } = config;
  return {
    ...config,
    size,
    // Without the first levels; attention stays at the resolutions that it was at.
    network: {
      ...network,
      channelMultipliers: network.channelMultipliers.slice(halvings),
      attentionFactors: network.attentionFactors.map((factor) => factor / 2 ** halvings),
    },
  };
}

/** A generator with another budget; progressive ones grow in proportion. */
export function withImages(config: GeneratorConfig, images: number): GeneratorConfig {
  const share = images / config.training.images;
  if (config.kind === "diffusion") {
    const { training } = config;
    const warmUpImages = Math.round(training.learningRate.warmUpImages * share);
    const learningRate = { ...training.learningRate, warmUpImages };
    return { ...config, training: { ...training, images, learningRate } };
  }
  const { training } = config;
  return { ...config, training: { ...training, images, schedule: shortened(training.schedule, share) } };
}

function shortened(schedule: GanRecipe["schedule"], share: number): GanRecipe["schedule"] {
  if (schedule.kind !== "progressive") return schedule;
  const scaled = (images: number): number => Math.max(1, Math.round(images * share));
  return {
    ...schedule,
    stableImages: scaled(schedule.stableImages),
    fadeImages: scaled(schedule.fadeImages),
  };
}
