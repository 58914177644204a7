import { z } from "zod";
import { ProgressiveGanDiscriminator } from "../models/progressive-gan/progressive-gan-discriminator";
import {
  ProgressiveGanGenerator,
  type ProgressiveGanConfig,
} from "../models/progressive-gan/progressive-gan-generator";
import {
  progressiveGanDiscriminatorNames,
  progressiveGanGeneratorNames,
} from "../models/progressive-gan/progressive-gan-names";
import { channels, discriminatorOutputs, guessPyramid, imageOutputs, resolution } from "./gan-outputs";
import { networkKind, type Meta, type WeightShapes } from "./network-kind";

const groupSize = z.int().min(1).max(1024);

const metaSchema = z
  .object({
    z_dim: channels.default(512),
    resolution,
    channels,
    fmaps_base: z.int().min(1).max(16777216),
    fmaps_max: channels,
    mbstd_group_size: groupSize.default(4),
    fused_scale: z.boolean().default(false),
  })
  .transform((meta): ProgressiveGanConfig => ({
    latentSize: meta.z_dim,
    resolution: meta.resolution,
    imageChannels: meta.channels,
    channelBase: meta.fmaps_base,
    channelMax: meta.fmaps_max,
    minibatchStddevGroup: meta.mbstd_group_size,
    fusedScale: meta.fused_scale,
  }));

const configSchema: z.ZodType<ProgressiveGanConfig> = z.object({
  latentSize: channels,
  resolution,
  imageChannels: channels,
  channelBase: z.int().min(1).max(16777216),
  channelMax: channels,
  minibatchStddevGroup: groupSize,
  fusedScale: z.boolean(),
});

/** `PGGANGenerator` of GenForce: the image of z. */
export const progressiveGanGenerator = networkKind({
  kind: "progressive-gan-generator",
  reference: "genforce-pggan-generator",
  marks: ["layer0.weight", "output0.weight"],
  infer: (weights) => ({
    z_dim: weights.size("layer0.weight", 1),
    resolution: 2 * 2 ** weights.count((level) => `output${level}.weight`),
    channels: weights.size("output0.weight", 0),
  }),
  guess: (weights) => {
    const levels = weights.count((level) => `output${level}.weight`);
    const pyramid = {
      coarsest: "layer1.weight",
      finest: `layer${2 * levels - 1}.weight`,
      side: 2 * 2 ** levels,
    };
    return fmaps(weights, pyramid);
  },
  meta: metaSchema,
  config: configSchema,
  make: (params, config) => new ProgressiveGanGenerator(params, config),
  names: progressiveGanGeneratorNames,
  run: (network, _, reference) => imageOutputs(network, reference),
});

/** `PGGANDiscriminator` of GenForce: logits and R1. */
export const progressiveGanDiscriminator = networkKind({
  kind: "progressive-gan-discriminator",
  reference: "genforce-pggan-discriminator",
  marks: ["input0.weight", "layer0.weight"],
  infer: inferGrowingDiscriminator,
  guess: guessGrowingDiscriminator,
  meta: metaSchema,
  config: configSchema,
  make: (params, config) => new ProgressiveGanDiscriminator(params, config),
  names: progressiveGanDiscriminatorNames,
  run: (network, config, reference) => discriminatorOutputs(network, config.imageChannels, reference),
});

/** Settings of both growing discriminators of GenForce. */
export function inferGrowingDiscriminator(weights: WeightShapes): Meta {
  return {
    resolution: 2 * 2 ** weights.count((level) => `input${level}.weight`),
    channels: weights.size("input0.weight", 1),
  };
}

export function guessGrowingDiscriminator(weights: WeightShapes): Meta {
  const levels = weights.count((level) => `input${level}.weight`);
  const side = 2 * 2 ** levels;
  return fmaps(weights, { coarsest: `input${levels - 1}.weight`, finest: "input0.weight", side });
}

/** GenForce's names of a pyramid's channels. */
export function fmaps(
  weights: WeightShapes,
  pyramid: { coarsest: string; finest: string; side: number },
): Meta {
  const { base, largest } = guessPyramid(weights, pyramid);
  return { fmaps_base: base, fmaps_max: largest };
}
