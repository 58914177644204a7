import { z } from "zod";
import { Stylegan3Generator, type Stylegan3GeneratorConfig } from "../models/stylegan3/stylegan3-generator";
import { stylegan3GeneratorFilters, stylegan3GeneratorNames } from "../models/stylegan3/stylegan3-names";
import { channels, inferMapping, layerCount, mappingSchema, resolution, styleOutputs } from "./gan-outputs";
import { networkKind, type Meta, type WeightShapes } from "./network-kind";

const positive = z.number().positive().max(65536);
const base = z.int().min(1).max(16777216);
const clamp = z.number().positive().nullable();

/** Settings of the reference's classes unless told otherwise. */
const metaSchema = z
  .object({
    z_dim: channels,
    w_dim: channels,
    mapping_layers: layerCount,
    resolution,
    channels,
    channel_base: base,
    channel_max: channels,
    num_layers: layerCount,
    num_critical: z.int().min(0).max(64).default(2),
    first_cutoff: positive.default(2),
    first_stopband: positive.default(2 ** 2.1),
    last_stopband_rel: positive.default(2 ** 0.3),
    margin_size: z.int().min(0).max(256).default(10),
    output_scale: positive.default(0.25),
    conv_kernel: z.union([z.literal(1), z.literal(3)]),
    use_radial_filters: z.boolean(),
    filter_size: z.int().min(1).max(32).default(6),
    lrelu_upsampling: z.int().min(1).max(8).default(2),
    conv_clamp: clamp.default(256),
    magnitude_ema_beta: z.number().min(0).max(1).default(0.999),
  })
  .transform((meta): Stylegan3GeneratorConfig => ({
    mapping: {
      latentSize: meta.z_dim,
      styleSize: meta.w_dim,
      layers: meta.mapping_layers,
      learningRateMultiplier: 0.01,
      meanDecay: 0.998,
    },
    resolution: meta.resolution,
    imageChannels: meta.channels,
    channelBase: meta.channel_base,
    channelMax: meta.channel_max,
    layers: meta.num_layers,
    criticalLayers: meta.num_critical,
    firstCutoff: meta.first_cutoff,
    firstStopband: meta.first_stopband,
    lastStopbandRatio: meta.last_stopband_rel,
    margin: meta.margin_size,
    outputScale: meta.output_scale,
    kernelSize: meta.conv_kernel,
    radialFilters: meta.use_radial_filters,
    filterSize: meta.filter_size,
    rectifierUpsampling: meta.lrelu_upsampling,
    convClamp: meta.conv_clamp,
    magnitudeDecay: meta.magnitude_ema_beta,
  }));

const configSchema: z.ZodType<Stylegan3GeneratorConfig> = z.object({
  mapping: mappingSchema,
  resolution,
  imageChannels: channels,
  channelBase: base,
  channelMax: channels,
  layers: layerCount,
  criticalLayers: z.int().min(0).max(64),
  firstCutoff: positive,
  firstStopband: positive,
  lastStopbandRatio: positive,
  margin: z.int().min(0).max(256),
  outputScale: positive,
  kernelSize: z.union([z.literal(1), z.literal(3)]),
  radialFilters: z.boolean(),
  filterSize: z.int().min(1).max(32),
  rectifierUpsampling: z.int().min(1).max(8),
  convClamp: clamp,
  magnitudeDecay: z.number().min(0).max(1),
});

/** `Generator` of networks_stylegan3, T or R, in evaluation mode. */
export const stylegan3Generator = networkKind({
  kind: "stylegan3-generator",
  reference: "nvlabs-stylegan3",
  marks: ["synthesis.input.freqs"],
  infer: (weights) => {
    const layers = layerNames(weights);
    const [first = "", last = ""] = [layers[0], layers.at(-1)];
    return {
      ...inferMapping(weights, (index) => `mapping.fc${index}`),
      num_layers: layers.length - 1,
      channels: weights.size(`${last}.weight`, 0),
      resolution: Number(last.split("_").at(-2)),
      conv_kernel: weights.size(`${first}.weight`, 2),
      use_radial_filters: weights.rank(`${first}.down_filter`) === 2,
    };
  },
  guess: guessChannels,
  meta: metaSchema,
  config: configSchema,
  make: (params, config) => new Stylegan3Generator(params, config),
  names: stylegan3GeneratorNames,
  fixed: stylegan3GeneratorFilters,
  run: (network, _, reference) =>
    styleOutputs(network, reference, {
      styles: "layers",
      truncatedLayers: null,
      tolerance: { limit: 1e-3, of: "largest" },
    }),
});

/** The layers in their order: `synthesis.L<number>_<size>_<channels>`. */
function layerNames(weights: WeightShapes): string[] {
  const pattern = /^(synthesis\.L(\d+)_\d+_\d+)\.weight$/;
  const found = weights.names.flatMap((name) => {
    const [, layer, index] = pattern.exec(name) ?? [];
    return layer === undefined ? [] : [{ layer, index: Number(index) }];
  });
  return found.sort((a, b) => a.index - b.index).map(({ layer }) => layer);
}

/** The last layer has channel_base / resolution channels, where its cutoff is half the resolution. */
function guessChannels(weights: WeightShapes): Meta {
  const layers = layerNames(weights);
  const [first = "", last = "", image = ""] = [layers[0], layers.at(-2), layers.at(-1)];
  const side = Number(image.split("_").at(-2));
  return {
    channel_base: weights.size(`${last}.weight`, 0) * side,
    channel_max: weights.size(`${first}.weight`, 0),
  };
}
