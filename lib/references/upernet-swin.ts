import { z } from "zod";
import { UPerNetSwin, type UPerNetSwinConfig } from "../models/swin/upernet-swin";
import { upernetSwinNames } from "../models/swin/upernet-swin-names";
import { fromFloat32, type StoredTensor } from "../storage/safetensors";
import { imageOutput } from "./comparison";
import { networkKind, type Meta, type Weights, type WeightShapes } from "./network-kind";

const channels = z.int().min(1).max(16384);
const depths = z.array(z.int().min(1).max(64)).min(3).max(8);
const heads = z.array(z.int().min(1).max(256)).min(3).max(8);
const side = z.int().min(1).max(64);
const share = z.number().min(0).max(0.99);

const metaSchema = z
  .object({
    in_channels: channels,
    classes: channels,
    patch_size: side,
    embed_dim: channels,
    depths,
    num_heads: heads,
    window_size: side,
    mlp_ratio: z.number().positive().max(64),
    hidden_size: channels,
    /** Not to be read from the weights; the reference's. */
    pool_scales: z.array(side).min(1).max(16).default([1, 2, 3, 6]),
    auxiliary_channels: channels,
    drop_path_rate: share.default(0.3),
    head_dropout: share.default(0.1),
  })
  .transform((meta): UPerNetSwinConfig => ({
    backbone: {
      inChannels: meta.in_channels,
      patchSize: meta.patch_size,
      embedding: meta.embed_dim,
      depths: meta.depths,
      heads: meta.num_heads,
      windowSize: meta.window_size,
      mlpRatio: meta.mlp_ratio,
      dropPath: meta.drop_path_rate,
    },
    classes: meta.classes,
    headChannels: meta.hidden_size,
    poolScales: meta.pool_scales,
    auxiliaryChannels: meta.auxiliary_channels,
    headDropout: meta.head_dropout,
  }));

const configSchema: z.ZodType<UPerNetSwinConfig> = z.object({
  backbone: z.object({
    inChannels: channels,
    patchSize: side,
    embedding: channels,
    depths,
    heads,
    windowSize: side,
    mlpRatio: z.number().positive().max(64),
    dropPath: share,
  }),
  classes: channels,
  headChannels: channels,
  poolScales: z.array(side).min(1).max(16),
  auxiliaryChannels: channels,
  headDropout: share,
});

/** `UperNetForSemanticSegmentation` on `SwinConfig` of Hugging Face's transformers, in evaluation mode. */
export const upernetSwin = networkKind({
  kind: "upernet-swin",
  reference: "hf-upernet-swin",
  marks: ["decode_head.fpn_bottleneck.conv.weight"],
  adapt: adaptOlderNames,
  infer,
  meta: metaSchema,
  config: configSchema,
  make: (params, config) => new UPerNetSwin(params, config),
  names: upernetSwinNames,
  *run(network, config, reference) {
    yield imageOutput("logits", network.predict(reference.images("image", config.backbone.inChannels)));
  },
});

const LAYERS = "backbone.swin.encoder.layers";
const TABLE = "attention.relative_position_bias.relative_position_bias_table";

function infer(weights: WeightShapes): Meta {
  const patches = "backbone.swin.embeddings.patch_embeddings.projection.weight";
  const table = (stage: number) => `${LAYERS}.${stage}.blocks.0.${TABLE}`;
  const stages = Array.from({ length: weights.count(table) }, (_, stage) => stage);
  const mlp = `${LAYERS}.0.blocks.0.mlp.fc1.weight`;
  return {
    in_channels: weights.size(patches, 1),
    classes: weights.size("decode_head.classifier.weight", 0),
    patch_size: weights.size(patches, 2),
    embed_dim: weights.size(patches, 0),
    depths: stages.map((stage) => weights.count((block) => `${LAYERS}.${stage}.blocks.${block}.${TABLE}`)),
    num_heads: stages.map((stage) => weights.size(table(stage), 1)),
    window_size: (Math.sqrt(weights.size(table(0), 0)) + 1) / 2,
    mlp_ratio: weights.size(mlp, 0) / weights.size(mlp, 1),
    hidden_size: weights.size("decode_head.classifier.weight", 1),
    auxiliary_channels: weights.size("auxiliary_head.classifier.weight", 1),
  };
}

/** From the names of transformers 4, in which published weights are, to those of version 5. */
const OLDER_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^backbone\.(embeddings|encoder)\./, "backbone.swin.$1."],
  [/\.attention\.self\.(q|k|v)(?:uery|ey|alue)\./, ".attention.$1_proj."],
  [/\.attention\.self\.relative_position_bias_table$/, `.${TABLE}`],
  [/\.attention\.output\.dense\./, ".attention.o_proj."],
  [/\.intermediate\.dense\./, ".mlp.fc1."],
  [/\.output\.dense\./, ".mlp.fc2."],
];

/** Counters and indices that files of weights hold beside the parameters. */
const COUNTERS = /\.(num_batches_tracked|relative_position_index)$/;

function adaptOlderNames(weights: Weights): Weights {
  const adapted = new Map<string, StoredTensor>();
  for (const [name, tensor] of weights) {
    if (COUNTERS.test(name)) continue;
    adapted.set(
      OLDER_NAMES.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), name),
      tensor,
    );
  }
  // Version 4 has no norm for the use without a head.
  const last = adapted.get("decode_head.psp_modules.0.1.conv.weight")?.shape[1];
  if (last !== undefined && last > 0 && !adapted.has("backbone.swin.layernorm.weight")) {
    adapted.set("backbone.swin.layernorm.weight", fromFloat32(new Float32Array(last).fill(1), [last]));
    adapted.set("backbone.swin.layernorm.bias", fromFloat32(new Float32Array(last), [last]));
  }
  return adapted;
}
