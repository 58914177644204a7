import { z } from "zod";
import * as tf from "../backend/tf";
import type { Discriminator, Generator, StyleGenerator, Truncation } from "../models/gan";
import type { MappingConfig } from "../models/layers/mapping-network";
import { FORWARD, imageOutput, SQUARED_GRADIENT, tensorOutput, type ComputedOutput } from "./comparison";
import type { Meta, WeightShapes } from "./network-kind";
import type { ReferenceCase } from "./reference-case";

/** What the cases of generators and discriminators have in common: their settings and their outputs. */

export const channels = z.int().min(1).max(16384);
export const layerCount = z.int().min(1).max(64);
export const resolution = z.int().min(4).max(4096);

/** A mapping network in this project's terms. */
export const mappingSchema: z.ZodType<MappingConfig> = z.object({
  latentSize: channels,
  styleSize: channels,
  layers: layerCount,
  learningRateMultiplier: z.number().positive(),
  meanDecay: z.number().min(0).max(1),
});

/** The image of latents `z`. */
export function* imageOutputs(network: Generator, reference: ReferenceCase): Iterable<ComputedOutput> {
  const latents = reference.rows("z", network.latentSize);
  yield imageOutput("image", network.apply(latents, { noise: "constant" }));
}

/** What differs between the references of style-based generators. */
export interface StyleConventions {
  /** Whether `w` is one style a sample, [N, W], or one a layer, [N, L, W]. */
  readonly styles: "one" | "layers";
  /** Layers that truncation bends; all where null. */
  readonly truncatedLayers: number | null;
  readonly tolerance?: typeof FORWARD;
}

/** Styles `w` and images of latents `z`; `image_psi0.5` is an image at that truncation. */
export function* styleOutputs(
  network: StyleGenerator,
  reference: ReferenceCase,
  { styles, truncatedLayers, tolerance = FORWARD }: StyleConventions,
): Iterable<ComputedOutput> {
  const latents = reference.rows("z", network.latentSize);
  for (const name of reference.outputs.keys()) {
    const [, isStyle, psi] = /^(w|image)(?:_psi(\d+(?:\.\d+)?))?$/.exec(name) ?? [];
    if (isStyle === undefined) continue;
    const truncation: Truncation = { psi: psi === undefined ? 1 : Number(psi), layers: truncatedLayers };
    const w = network.map(latents, { truncation });
    if (isStyle === "image") yield imageOutput(name, network.synthesize(w, { noise: "constant" }), tolerance);
    else yield tensorOutput(name, styles === "layers" ? w : w.slice([0, 0], [-1, 1]).squeeze([1]));
  }
}

/** Logits of images, and R1: each image's squared gradient of the sum of the logits. */
export function* discriminatorOutputs(
  network: Discriminator,
  imageChannels: number,
  reference: ReferenceCase,
): Iterable<ComputedOutput> {
  const image = reference.images("image", imageChannels);
  yield tensorOutput("logits", network.apply(image));
  const gradient = tf.grad((x) => network.apply(x as tf.Tensor4D).sum())(image);
  yield tensorOutput("r1", gradient.square().sum([1, 2, 3]), SQUARED_GRADIENT);
}

/**
 * The channels of a pyramid, of which a reference says only base and largest number: those that give the channels
 * at the coarsest and the finest resolution.
 */
export function guessPyramid(
  weights: WeightShapes,
  { coarsest, finest, side }: { coarsest: string; finest: string; side: number },
): { base: number; largest: number } {
  const [most, least] = [weights.size(coarsest, 0), weights.size(finest, 0)];
  return { base: least * side, largest: most };
}

/** How many latents and styles a generator takes, from a mapping network's names. */
export function inferMapping(weights: WeightShapes, layer: (index: number) => string): Meta {
  return {
    z_dim: weights.size(`${layer(0)}.weight`, 1),
    w_dim: weights.size(`${layer(0)}.weight`, 0),
    mapping_layers: weights.count((index) => `${layer(index)}.weight`),
  };
}
