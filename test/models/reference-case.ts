import { join } from "node:path";
import { z } from "zod";
import { Rng } from "../../lib/backend/rng";
import * as tf from "../../lib/backend/tf";
import { DiffusionUNet, type DiffusionUNetConfig } from "../../lib/models/diffusion/diffusion-unet";
import { guidedDiffusionNames } from "../../lib/models/diffusion/diffusion-unet-names";
import { Params } from "../../lib/models/params";
import { loadReferenceWeights } from "../../lib/models/weights/reference-weights";
import { readSafetensors, toFloat32, toInt32, type StoredTensor } from "../../lib/storage/safetensors";

/** One file of numbers that a public reference implementation gave. */
export class ReferenceCase {
  private readonly file;

  constructor(name: string) {
    this.file = readSafetensors(join(__dirname, "../fixtures/parity", `${name}.safetensors`));
  }

  /** Its configuration. */
  get meta(): unknown {
    return JSON.parse(this.file.metadata["meta"] ?? "null");
  }

  /** The reference's parameters by its own names. */
  get weights(): Map<string, StoredTensor> {
    const prefix = "weights.";
    const entries = [...this.file.tensors].filter(([name]) => name.startsWith(prefix));
    return new Map(entries.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
  }

  numbers(name: string): Float32Array {
    return toFloat32(this.stored(name));
  }

  integers(name: string): Int32Array {
    return toInt32(this.stored(name));
  }

  /** Images [N, C, H, W] as [N, H, W, C]. */
  images(name: string): tf.Tensor4D {
    const { shape } = this.stored(name);
    return tf.tidy(() => tf.tensor(this.numbers(name), [...shape]).transpose<tf.Tensor4D>([0, 2, 3, 1]));
  }

  private stored(name: string): StoredTensor {
    const tensor = this.file.tensors.get(name);
    if (tensor === undefined) throw new Error(`the case has no ${name}`);
    return tensor;
  }
}

const guidedDiffusionMeta = z.object({
  channels: z.number(),
  learn_sigma: z.boolean(),
  use_scale_shift_norm: z.boolean(),
  model_channels: z.number(),
  num_res_blocks: z.number(),
  attention_ds: z.array(z.number()),
  channel_mult: z.array(z.number()),
  num_heads: z.number(),
});

/** guided-diffusion's UNetModel of the reference case: its config and the network with its weights. */
export function guidedDiffusionUNet(): {
  readonly config: DiffusionUNetConfig;
  readonly params: Params;
  readonly network: DiffusionUNet;
} {
  const reference = new ReferenceCase("openai-guided-diffusion-unet");
  const meta = guidedDiffusionMeta.parse(reference.meta);
  const config = {
    imageChannels: meta.channels,
    outChannels: meta.learn_sigma ? 2 * meta.channels : meta.channels,
    baseChannels: meta.model_channels,
    channelMultipliers: meta.channel_mult,
    blocksPerLevel: meta.num_res_blocks,
    attentionFactors: meta.attention_ds,
    heads: meta.num_heads,
    scaleShiftNorm: meta.use_scale_shift_norm,
    normGroups: 32,
  } satisfies DiffusionUNetConfig;
  const params = new Params(Rng.fromSeed(1));
  const network = new DiffusionUNet(params, config);
  loadReferenceWeights(params, guidedDiffusionNames(config), reference.weights);
  return { config, params, network };
}
