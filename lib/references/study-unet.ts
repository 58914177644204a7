import { z } from "zod";
import { UNet, type UNetConfig } from "../models/unet/unet";
import { studyUnetNames } from "../models/unet/unet-names";
import { imageOutput } from "./comparison";
import { networkKind } from "./network-kind";

const channels = z.int().min(1).max(16384);

const configSchema = z.object({
  inChannels: channels,
  classes: channels,
  depth: z.int().min(1).max(12),
  firstChannels: channels,
  padding: z.enum(["same", "valid"]),
}) satisfies z.ZodType<UNetConfig>;

/** The study's U-Net: the logits of every decoder level. */
export const studyUnet = networkKind({
  kind: "unet",
  reference: "study-unet",
  marks: ["down_path.0.block.0.weight", "output_layers.0.0.weight"],
  infer: (weights) => {
    const depth = weights.count((level) => `down_path.${level}.block.0.weight`);
    return {
      in_channels: weights.size("down_path.0.block.0.weight", 1),
      classes: weights.size("output_layers.0.0.weight", 0),
      depth,
      first_channels: weights.size("down_path.0.block.0.weight", 0),
    };
  },
  meta: z
    .object({
      in_channels: channels,
      classes: channels,
      depth: z.int().min(1).max(12),
      first_channels: channels,
      /** Not to be read from the weights; the study's. */
      padding: z.enum(["same", "valid"]).default("valid"),
      leaky: z.literal(0.01).optional(),
    })
    .transform((meta): UNetConfig => ({
      inChannels: meta.in_channels,
      classes: meta.classes,
      depth: meta.depth,
      firstChannels: meta.first_channels,
      padding: meta.padding,
    })),
  config: configSchema,
  make: (params, config) => new UNet(params, config),
  names: studyUnetNames,
  *run(network, config, reference) {
    const levels = network.apply(reference.images("image", config.inChannels));
    for (const [level, logits] of levels.entries()) yield imageOutput(`level${level}`, logits);
  },
});
