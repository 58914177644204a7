import { z } from "zod";
import { Stylegan1Discriminator } from "../models/stylegan1/stylegan1-discriminator";
import { Stylegan1Generator, type Stylegan1Config } from "../models/stylegan1/stylegan1-generator";
import {
  stylegan1DiscriminatorFilters,
  stylegan1DiscriminatorNames,
  stylegan1GeneratorFilters,
  stylegan1GeneratorNames,
} from "../models/stylegan1/stylegan1-names";
import {
  channels,
  discriminatorOutputs,
  inferMapping,
  layerCount,
  mappingSchema,
  resolution,
  styleOutputs,
} from "./gan-outputs";
import { networkKind } from "./network-kind";
import { fmaps, guessGrowingDiscriminator, inferGrowingDiscriminator } from "./progressive-gan";

const groupSize = z.int().min(1).max(1024);

/** Layers that GenForce truncates unless told otherwise. */
const TRUNCATED_LAYERS = 8;

const metaSchema = z
  .object({
    z_dim: channels.default(512),
    w_dim: channels.default(512),
    mapping_layers: layerCount.default(8),
    resolution,
    channels,
    fmaps_base: z.int().min(1).max(16777216),
    fmaps_max: channels,
    mbstd_group_size: groupSize.default(4),
  })
  .transform((meta): Stylegan1Config => ({
    mapping: {
      latentSize: meta.z_dim,
      styleSize: meta.w_dim,
      layers: meta.mapping_layers,
      learningRateMultiplier: 0.01,
      meanDecay: 0.995,
    },
    resolution: meta.resolution,
    imageChannels: meta.channels,
    channelBase: meta.fmaps_base,
    channelMax: meta.fmaps_max,
    minibatchStddevGroup: meta.mbstd_group_size,
  }));

const configSchema: z.ZodType<Stylegan1Config> = z.object({
  mapping: mappingSchema,
  resolution,
  imageChannels: channels,
  channelBase: z.int().min(1).max(16777216),
  channelMax: channels,
  minibatchStddevGroup: groupSize,
});

/** `StyleGANGenerator` of GenForce: style and image of z, with the noise images that are stored. */
export const stylegan1Generator = networkKind({
  kind: "stylegan1-generator",
  reference: "genforce-stylegan1-generator",
  marks: ["mapping.dense0.weight", "synthesis.layer0.const"],
  infer: (weights) => ({
    ...inferMapping(weights, (index) => `mapping.dense${index}`),
    resolution: 2 * 2 ** weights.count((level) => `synthesis.output${level}.weight`),
    channels: weights.size("synthesis.output0.weight", 0),
  }),
  guess: (weights) => {
    const levels = weights.count((level) => `synthesis.output${level}.weight`);
    return fmaps(weights, {
      coarsest: "synthesis.layer1.weight",
      finest: `synthesis.layer${2 * levels - 1}.weight`,
      side: 2 * 2 ** levels,
    });
  },
  meta: metaSchema,
  config: configSchema,
  make: (params, config) => new Stylegan1Generator(params, config),
  names: stylegan1GeneratorNames,
  fixed: stylegan1GeneratorFilters,
  run: (network, _, reference) =>
    styleOutputs(network, reference, { styles: "one", truncatedLayers: TRUNCATED_LAYERS }),
});

/** `StyleGANDiscriminator` of GenForce: logits and R1. */
export const stylegan1Discriminator = networkKind({
  kind: "stylegan1-discriminator",
  reference: "genforce-stylegan1-discriminator",
  marks: ["input0.weight", "layer1.blur.kernel"],
  infer: inferGrowingDiscriminator,
  guess: guessGrowingDiscriminator,
  meta: metaSchema,
  config: configSchema,
  make: (params, config) => new Stylegan1Discriminator(params, config),
  names: stylegan1DiscriminatorNames,
  fixed: stylegan1DiscriminatorFilters,
  run: (network, config, reference) => discriminatorOutputs(network, config.imageChannels, reference),
});
