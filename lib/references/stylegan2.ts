import { z } from "zod";
import {
  Stylegan2Discriminator,
  type Stylegan2DiscriminatorConfig,
} from "../models/stylegan2/stylegan2-discriminator";
import { Stylegan2Generator, type Stylegan2GeneratorConfig } from "../models/stylegan2/stylegan2-generator";
import {
  stylegan2DiscriminatorFilters,
  stylegan2DiscriminatorNames,
  stylegan2GeneratorFilters,
  stylegan2GeneratorNames,
} from "../models/stylegan2/stylegan2-names";
import {
  channels,
  discriminatorOutputs,
  guessPyramid,
  inferMapping,
  layerCount,
  mappingSchema,
  resolution,
  styleOutputs,
} from "./gan-outputs";
import { networkKind, type Meta, type WeightShapes } from "./network-kind";

const base = z.int().min(1).max(16777216);
const clamp = z.number().positive().nullable();
const architecture = z.enum(["orig", "skip", "resnet"]);
const pyramid = { resolution, channels, channel_base: base, channel_max: channels };

/** The clamp of every convolution unless told otherwise. */
const CONV_CLAMP = 256;

/** `Generator` of networks_stylegan2 of NVlabs' stylegan3: styles and images of z with constant noise. */
export const stylegan2Generator = networkKind({
  kind: "stylegan2-generator",
  reference: "nvlabs-stylegan2-generator",
  marks: ["synthesis.b4.const"],
  infer: (weights) => ({
    ...inferMapping(weights, (index) => `mapping.fc${index}`),
    resolution: finest(weights, (side) => `synthesis.b${side}.conv1.weight`),
    use_noise: weights.has("synthesis.b4.conv1.noise_strength"),
    architecture: generatorArchitecture(weights),
    channels: weights.size(
      `synthesis.b${finest(weights, (side) => `synthesis.b${side}.conv1.weight`)}.torgb.weight`,
      0,
    ),
  }),
  guess: (weights) => channelPyramid(weights, (side) => `synthesis.b${side}.conv1.weight`),
  meta: z
    .object({
      z_dim: channels,
      w_dim: channels,
      mapping_layers: layerCount,
      ...pyramid,
      architecture,
      use_noise: z.boolean(),
      conv_clamp: clamp.default(CONV_CLAMP),
      w_avg_beta: z.number().min(0).max(1).default(0.998),
    })
    .transform((meta): Stylegan2GeneratorConfig => ({
      mapping: {
        latentSize: meta.z_dim,
        styleSize: meta.w_dim,
        layers: meta.mapping_layers,
        learningRateMultiplier: 0.01,
        meanDecay: meta.w_avg_beta,
      },
      resolution: meta.resolution,
      imageChannels: meta.channels,
      channelBase: meta.channel_base,
      channelMax: meta.channel_max,
      architecture: meta.architecture,
      noiseInputs: meta.use_noise,
      convClamp: meta.conv_clamp,
    })),
  config: z.object({
    mapping: mappingSchema,
    resolution,
    imageChannels: channels,
    channelBase: base,
    channelMax: channels,
    architecture,
    noiseInputs: z.boolean(),
    convClamp: clamp,
  }),
  make: (params, config) => new Stylegan2Generator(params, config),
  names: stylegan2GeneratorNames,
  fixed: stylegan2GeneratorFilters,
  run: (network, _, reference) =>
    styleOutputs(network, reference, { styles: "layers", truncatedLayers: null }),
});

/** `Discriminator` of networks_stylegan2, which StyleGAN 3 uses as well: logits and R1. */
export const stylegan2Discriminator = networkKind({
  kind: "stylegan2-discriminator",
  reference: "nvlabs-stylegan2-discriminator",
  marks: ["b4.fc.weight"],
  infer: (weights) => {
    const side = finest(weights, (size) => (size === 4 ? "b4.conv.weight" : `b${size}.conv0.weight`));
    const byImage = weights.has("b4.fromrgb.weight") ? "skip" : "orig";
    return {
      resolution: side,
      channels: weights.size(`b${side}.fromrgb.weight`, 1),
      architecture: weights.has(`b${side}.skip.weight`) ? "resnet" : byImage,
    };
  },
  guess: (weights) =>
    channelPyramid(weights, (side) => (side === 4 ? "b4.conv.weight" : `b${side}.conv0.weight`)),
  meta: z
    .object({
      ...pyramid,
      architecture,
      mbstd_group_size: z.int().min(1).max(1024).nullable().default(4),
      mbstd_num_channels: z.int().min(0).max(1024).default(1),
      conv_clamp: clamp.default(CONV_CLAMP),
    })
    .transform((meta): Stylegan2DiscriminatorConfig => ({
      resolution: meta.resolution,
      imageChannels: meta.channels,
      channelBase: meta.channel_base,
      channelMax: meta.channel_max,
      architecture: meta.architecture,
      convClamp: meta.conv_clamp,
      minibatchStddev: {
        // No size: the whole batch.
        groupSize: meta.mbstd_group_size ?? Number.MAX_SAFE_INTEGER,
        channels: meta.mbstd_num_channels,
      },
    })),
  config: z.object({
    resolution,
    imageChannels: channels,
    channelBase: base,
    channelMax: channels,
    architecture,
    convClamp: clamp,
    minibatchStddev: z.object({ groupSize: z.int().min(1), channels: z.int().min(0).max(1024) }),
  }),
  make: (params, config) => new Stylegan2Discriminator(params, config),
  names: stylegan2DiscriminatorNames,
  fixed: stylegan2DiscriminatorFilters,
  run: (network, config, reference) => discriminatorOutputs(network, config.imageChannels, reference),
});

function generatorArchitecture(weights: WeightShapes): string {
  if (weights.has("synthesis.b8.skip.weight")) return "resnet";
  return weights.has("synthesis.b4.torgb.weight") ? "skip" : "orig";
}

/** The finest resolution that has a parameter of this name. */
function finest(weights: WeightShapes, name: (side: number) => string): number {
  return 2 * 2 ** weights.count((level) => name(4 * 2 ** level));
}

function channelPyramid(weights: WeightShapes, name: (side: number) => string): Meta {
  const side = finest(weights, name);
  const { base: channelBase, largest } = guessPyramid(weights, {
    coarsest: name(4),
    finest: name(side),
    side,
  });
  return { channel_base: channelBase, channel_max: largest };
}
