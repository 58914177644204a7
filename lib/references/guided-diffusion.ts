import { z } from "zod";
import * as tf from "../backend/tf";
import { DiffusionUNet, type DiffusionUNetConfig } from "../models/diffusion/diffusion-unet";
import { guidedDiffusionNames } from "../models/diffusion/diffusion-unet-names";
import { imageOutput } from "./comparison";
import { networkKind, type Meta, type WeightShapes } from "./network-kind";

/** Groups of every group normalisation of guided-diffusion. */
const NORM_GROUPS = 32;

const count = z.int().min(1).max(64);
const channels = z.int().min(1).max(16384);
const factor = z.int().min(1).max(65536);

const metaSchema = z
  .object({
    channels,
    learn_sigma: z.boolean(),
    use_scale_shift_norm: z.boolean(),
    model_channels: channels,
    num_res_blocks: count,
    attention_ds: z.array(factor),
    channel_mult: z.array(count).min(1),
    /** Not to be read from the weights; guided-diffusion's default. */
    num_heads: count.default(4),
    resblock_updown: z.literal(false).optional(),
    use_new_attention_order: z.literal(false).optional(),
    num_classes: z.null().optional(),
  })
  .transform((meta): DiffusionUNetConfig => ({
    imageChannels: meta.channels,
    outChannels: meta.learn_sigma ? 2 * meta.channels : meta.channels,
    baseChannels: meta.model_channels,
    channelMultipliers: meta.channel_mult,
    blocksPerLevel: meta.num_res_blocks,
    attentionFactors: meta.attention_ds,
    heads: meta.num_heads,
    scaleShiftNorm: meta.use_scale_shift_norm,
    normGroups: NORM_GROUPS,
  }));

const configSchema: z.ZodType<DiffusionUNetConfig> = z.object({
  imageChannels: channels,
  outChannels: channels,
  baseChannels: channels,
  channelMultipliers: z.array(count).min(1),
  blocksPerLevel: count,
  attentionFactors: z.array(factor),
  heads: count,
  scaleShiftNorm: z.boolean(),
  normGroups: count,
});

/** `UNetModel` of guided-diffusion: the predicted noise of (x_t, t). */
export const guidedDiffusion = networkKind({
  kind: "diffusion-unet",
  reference: "openai-guided-diffusion-unet",
  marks: ["time_embed.0.weight", "input_blocks.0.0.weight", "out.2.weight"],
  infer,
  // Given, it may name factors that the levels do not reach.
  guess: (weights) => ({ attention_ds: readLevels(weights).attentionFactors }),
  meta: metaSchema,
  config: configSchema,
  make: (params, config) => new DiffusionUNet(params, config),
  names: guidedDiffusionNames,
  *run(network, config, reference) {
    const xt = reference.images("x_t", config.imageChannels);
    const timesteps = tf.tensor1d(reference.integers("t", xt.shape[0]), "int32");
    yield imageOutput("model_output", network.apply(xt, timesteps));
  },
});

function infer(weights: WeightShapes): Meta {
  const channels = weights.size("input_blocks.0.0.weight", 1);
  const { multipliers, blocksPerLevel } = readLevels(weights);
  const block = "input_blocks.1.0";
  return {
    channels,
    learn_sigma: weights.size("out.2.weight", 0) === 2 * channels,
    use_scale_shift_norm:
      weights.size(`${block}.emb_layers.1.weight`, 0) === 2 * weights.size(`${block}.out_layers.3.weight`, 0),
    model_channels: weights.size("input_blocks.0.0.weight", 0),
    num_res_blocks: blocksPerLevel,
    channel_mult: multipliers,
  };
}

interface Levels {
  readonly multipliers: readonly number[];
  readonly blocksPerLevel: number;
  readonly attentionFactors: readonly number[];
}

/** Reads the levels off the names: a level ends at a downsampling, and attention is the second part of a block. */
function readLevels(weights: WeightShapes): Levels {
  const base = weights.size("input_blocks.0.0.weight", 0);
  const multipliers: number[] = [];
  const attentionFactors = new Set<number>();
  let [level, blocksPerLevel] = [0, 0];
  for (let i = 1; ; i++) {
    const block = `input_blocks.${i}.0.out_layers.3.weight`;
    if (weights.has(`input_blocks.${i}.0.op.weight`)) level++;
    else if (weights.has(block)) {
      multipliers[level] = weights.size(block, 0) / base;
      if (level === 0) blocksPerLevel++;
      if (weights.has(`input_blocks.${i}.1.qkv.weight`)) attentionFactors.add(2 ** level);
    } else return { multipliers, blocksPerLevel, attentionFactors: [...attentionFactors] };
  }
}
