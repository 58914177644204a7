import { z } from "zod";
import { MASK_DECODINGS } from "../data/mask-decoding";
import { InputError } from "../errors";
import type { DiffusionUNet } from "../models/diffusion/diffusion-unet";
import type { Generator, StyleGenerator } from "../models/gan";
import type { Params } from "../models/params";
import { readNetwork, readNetworkDescription, writeNetwork } from "../models/weights/network-file";
import { guidedDiffusion } from "../references/guided-diffusion";
import { parseSettings } from "../references/network-kind";
import { progressiveGanGenerator } from "../references/progressive-gan";
import { stylegan1Generator } from "../references/stylegan1";
import { stylegan2Generator } from "../references/stylegan2";
import { stylegan3Generator } from "../references/stylegan3";
import { locateTensors, readSafetensors, writeSafetensors } from "../storage/safetensors";
import { GENERATOR_NAMES, NOISE_INPUTS, type GeneratorConfig, type GeneratorName } from "./generator-config";

/** The network of each generator that makes the images. */
const NETWORKS = {
  "progressive-gan": progressiveGanGenerator,
  stylegan1: stylegan1Generator,
  stylegan2: stylegan2Generator,
  stylegan3: stylegan3Generator,
  diffusion: guidedDiffusion,
} as const satisfies Readonly<Record<GeneratorName, unknown>>;

const size = z.int().min(1).max(4096);
const batchSize = z.int().min(1).max(4096);
const masks = z.enum(MASK_DECODINGS);
const blackBelow = z.int().min(0).max(255).default(0);

/** What a generator was trained on. */
const dataSchema = z.object({ source: z.string(), simulated: z.boolean() });
export type GeneratorData = z.infer<typeof dataSchema>;

const ganSchema = z.object({
  generator: z.enum(["progressive-gan", "stylegan1", "stylegan2", "stylegan3"]),
  size,
  sampling: z.object({
    truncation: z.object({ psi: z.number(), layers: z.int().min(0).nullable() }).nullable(),
    noise: z.enum(NOISE_INPUTS),
    batchSize,
    masks: masks.default("slopes"), // As the small GANs had before files told.
    blackBelow,
  }),
  data: dataSchema,
});

const stepCount = z.int().min(2).max(100_000);

const diffusionSchema = z.object({
  generator: z.literal("diffusion"),
  size,
  process: z.object({
    schedule: z.object({ name: z.enum(["linear", "cosine"]), steps: stepCount }),
    target: z.enum(["noise", "image"]),
  }),
  sampling: z.object({
    method: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("ancestral") }),
      z.object({ kind: z.literal("respaced"), steps: stepCount }),
      z.object({ kind: z.literal("ddim"), steps: stepCount }),
      z.object({ kind: z.literal("dpm-solver"), steps: stepCount }),
    ]),
    batchSize,
    masks: masks.default("thresholds"),
    blackBelow,
  }),
  data: dataSchema,
});

const descriptionSchema = z.discriminatedUnion("generator", [ganSchema, diffusionSchema]);

export type GanDescription = z.infer<typeof ganSchema>;
export type DiffusionDescription = z.infer<typeof diffusionSchema>;
/** How images are drawn from the network of a weights file; stands in the file beside the network's settings. */
export type GeneratorDescription = GanDescription | DiffusionDescription;

/** What a weights file says of a generator with these settings. */
export function describeGenerator(config: GeneratorConfig, data: GeneratorData): GeneratorDescription {
  const { source, simulated } = data;
  if (config.kind !== "diffusion") {
    const { kind: generator, sampling } = config;
    const { resolution } = config.generator;
    return { generator, size: resolution, sampling, data: { source, simulated } };
  }
  const { schedule, target, sampling } = config;
  return {
    generator: "diffusion",
    size: config.size,
    process: { schedule, target },
    sampling,
    data: { source, simulated },
  };
}

/** Writes the network that makes a generator's images, with all that drawing needs to know. */
export function writeGenerator(
  path: string,
  params: Params,
  config: GeneratorConfig,
  data: GeneratorData,
): void {
  const { kind } = NETWORKS[config.kind];
  const network = config.kind === "diffusion" ? config.network : config.generator;
  writeNetwork(path, params, { kind, config: network, use: describeGenerator(config, data) });
}

/** A generator out of its file; `params` are the caller's to dispose of. */
export type OpenedGenerator =
  | {
      readonly description: GanDescription;
      readonly network: Generator | StyleGenerator;
      readonly params: Params;
    }
  | {
      readonly description: DiffusionDescription;
      readonly network: DiffusionUNet;
      readonly params: Params;
    };

/**
 * Reads a generator's network. Weights that were imported from a GAN's public implementation do not say how images
 * are drawn from them: then as the study drew them, without truncation.
 *
 * @throws InputError if the file is no generator's, or it is damaged.
 */
export function readGenerator(path: string): OpenedGenerator {
  const { kind, config, use } = readNetworkDescription(path);
  const name = GENERATOR_NAMES.find((candidate) => NETWORKS[candidate].kind === kind);
  if (name === undefined) throw new InputError(path, `is a network of the kind ${kind}, not a generator`);
  const values = valueCount(path);
  if (name === "diffusion") {
    if (use === undefined) throw new InputError(path, "does not say by which steps noise becomes an image");
    const description = parseSettings(diffusionSchema, path, use);
    const { network, params } = guidedDiffusion.fromConfig(path, config, values);
    return filled(path, { description, network, params });
  }
  const { network, params } = NETWORKS[name].fromConfig(path, config, values);
  const description = use === undefined ? imported(path, name, network) : parseSettings(ganSchema, path, use);
  return filled(path, { description, network, params });
}

function filled<T extends OpenedGenerator>(path: string, opened: T): T {
  try {
    readNetwork(path, opened.params);
    return opened;
  } catch (error) {
    opened.params.dispose();
    throw error;
  }
}

function imported(path: string, generator: GanDescription["generator"], network: Generator): GanDescription {
  return {
    generator,
    size: network.resolution,
    sampling: { truncation: null, noise: "constant", batchSize: 16, masks: "thresholds", blackBelow: 0 },
    data: { source: `what the weights of ${path} were trained on`, simulated: false },
  };
}

/** What a weights file says of the generator in it, without reading its weights. @throws InputError as readGenerator. */
export function readGeneratorDescription(path: string): GeneratorDescription {
  return parseSettings(descriptionSchema, path, readNetworkDescription(path).use);
}

/**
 * Changes how images are drawn from a generator's file; its weights stay.
 *
 * @throws InputError as readGenerator, if they cannot be drawn so, and if the file cannot be written.
 */
export function rewriteSampling(path: string, sampling: GeneratorDescription["sampling"]): void {
  const description = readNetworkDescription(path);
  const before = parseSettings(descriptionSchema, path, description.use);
  const use = parseSettings(descriptionSchema, path, { ...before, sampling });
  const renewed = { ...description, use };
  const { tensors, metadata } = readSafetensors(path);
  writeSafetensors(path, { tensors, metadata: { ...metadata, network: JSON.stringify(renewed) } });
}

function valueCount(path: string): number {
  const { places } = locateTensors(path);
  return [...places.values()].reduce(
    (sum, { shape }) => sum + shape.reduce((product, axis) => product * axis, 1),
    0,
  );
}
