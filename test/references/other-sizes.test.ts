import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import type { Denoiser } from "../../lib/models/diffusion/diffusion-unet";
import type { Discriminator, Generator } from "../../lib/models/gan";
import type { UNet } from "../../lib/models/unet/unet";
import type { UPerNetSwin } from "../../lib/models/swin/upernet-swin";
import { NETWORK_KINDS } from "../../lib/references/network-kinds";
import { passed, verifyFile } from "../../lib/references/verify";
import { fromFloat32, type StoredTensor } from "../../lib/storage/safetensors";
import { writeCase } from "./case-file";

const test = suite("cases of other sizes");

type Inputs = Readonly<Record<string, tf.Tensor>>;

/** A network of its own config, inputs of its own sizes, and the settings that its weights do not tell. */
interface Variant {
  readonly what: string;
  readonly kind: string;
  readonly config: unknown;
  readonly meta: Record<string, unknown>;
  readonly inputs: Inputs;
  /** Outputs, images as [N, H, W, C]. */
  readonly run: (network: unknown, inputs: Inputs) => Record<string, tf.Tensor>;
}

const mapping = (layers: number) => ({
  latentSize: 7,
  styleSize: 6,
  layers,
  learningRateMultiplier: 0.01,
  meanDecay: 0.99,
});

const image = (network: unknown, { z }: Inputs) => ({
  image: (network as Generator).apply(z as tf.Tensor2D, { noise: "constant" }),
});
const logits = (network: unknown, { image: x }: Inputs) => ({
  logits: (network as Discriminator).apply(x as tf.Tensor4D),
});

/** Made when a backend runs. */
const variants = (): Variant[] => {
  const rng = Rng.fromSeed(8);
  const z = rng.normal<tf.Rank.R2>([5, 7]);
  const images = (...shape: [number, number, number, number]) => rng.fork("images").normal<tf.Rank.R4>(shape);
  const pyramid = { channelBase: 100, channelMax: 9, imageChannels: 3 };
  return [
    {
      what: "progressive GAN of 16 pixels and odd widths",
      kind: "progressive-gan-generator",
      config: { ...pyramid, resolution: 16, latentSize: 7, minibatchStddevGroup: 4, fusedScale: false },
      meta: { fmaps_base: 100, fmaps_max: 9 },
      inputs: { z },
      run: image,
    },
    {
      what: "StyleGAN 1 of 64 pixels",
      kind: "stylegan1-discriminator",
      config: { ...pyramid, resolution: 64, mapping: mapping(8), minibatchStddevGroup: 2 },
      meta: { fmaps_base: 100, fmaps_max: 9, mbstd_group_size: 2 },
      inputs: { image: images(2, 64, 64, 3) },
      run: logits,
    },
    {
      what: "StyleGAN 2 of 16 pixels with residual blocks and no noise",
      kind: "stylegan2-generator",
      config: {
        ...pyramid,
        resolution: 16,
        mapping: mapping(3),
        architecture: "resnet",
        noiseInputs: false,
        convClamp: null,
      },
      meta: { channel_base: 100, channel_max: 9, conv_clamp: null },
      inputs: { z },
      run: image,
    },
    {
      what: "StyleGAN 2's discriminator with skips, of 64 pixels, a batch of one",
      kind: "stylegan2-discriminator",
      config: {
        ...pyramid,
        resolution: 64,
        architecture: "skip",
        convClamp: 256,
        minibatchStddev: { groupSize: 4, channels: 1 },
      },
      meta: { channel_base: 100, channel_max: 9 },
      inputs: { image: images(1, 64, 64, 3) },
      run: logits,
    },
    {
      what: "StyleGAN 3-R of 40 pixels with 5 layers",
      kind: "stylegan3-generator",
      config: {
        ...pyramid,
        channelMax: 8,
        resolution: 40,
        mapping: mapping(2),
        layers: 5,
        criticalLayers: 1,
        firstCutoff: 2,
        firstStopband: 2 ** 2.1,
        lastStopbandRatio: 2 ** 0.3,
        margin: 10,
        outputScale: 0.25,
        kernelSize: 1,
        radialFilters: true,
        filterSize: 6,
        rectifierUpsampling: 2,
        convClamp: 256,
        magnitudeDecay: 0.999,
      },
      meta: { channel_base: 100, channel_max: 8, num_critical: 1 },
      inputs: { z },
      run: image,
    },
    {
      what: "a diffusion U-Net of three levels with a learned variance, on images that are not square",
      kind: "diffusion-unet",
      config: {
        imageChannels: 2,
        outChannels: 4,
        baseChannels: 32,
        channelMultipliers: [1, 1, 2],
        blocksPerLevel: 2,
        attentionFactors: [2, 4],
        heads: 2,
        scaleShiftNorm: false,
        normGroups: 32,
      },
      meta: { num_heads: 2 },
      inputs: { x_t: images(3, 8, 16, 2), t: tf.tensor1d([0, 500, 3999], "int32") },
      run: (network, inputs) => ({
        model_output: (network as Denoiser).apply(inputs["x_t"] as tf.Tensor4D, inputs["t"] as tf.Tensor1D),
      }),
    },
    {
      what: "a U-Net of two levels and seven classes",
      kind: "unet",
      config: { inChannels: 1, classes: 7, depth: 3, firstChannels: 3, padding: "same" },
      meta: { padding: "same" },
      inputs: { image: images(1, 12, 20, 1) },
      run: (network, { image: x }) => {
        const [level0, level1] = (network as UNet).apply(x as tf.Tensor4D) as [tf.Tensor, tf.Tensor];
        return { level0, level1 };
      },
    },
    {
      what: "UPerNet on Swin with odd windows and images",
      kind: "upernet-swin",
      config: {
        backbone: {
          inChannels: 2,
          patchSize: 2,
          embedding: 6,
          depths: [2, 1, 3],
          heads: [1, 2, 3],
          windowSize: 3,
          mlpRatio: 2,
          dropPath: 0.3,
        },
        classes: 5,
        headChannels: 7,
        poolScales: [1, 3],
        auxiliaryChannels: 4,
        headDropout: 0.1,
      },
      meta: { pool_scales: [1, 3] },
      inputs: { image: images(2, 27, 22, 2) },
      run: (network, { image: x }) => ({ logits: (network as UPerNetSwin).predict(x as tf.Tensor4D) }),
    },
  ];
};

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** As a case holds it: images as [N, C, H, W], integers as int32. */
function stored(tensor: tf.Tensor): StoredTensor {
  const turned = tensor.rank === 4 ? tensor.transpose([0, 3, 1, 2]) : tensor;
  const values = turned.dataSync();
  if (tensor.dtype !== "int32") return fromFloat32(Float32Array.from(values), turned.shape);
  const bytes = new Uint8Array(Int32Array.from(values).buffer);
  return { dtype: "I32", shape: turned.shape, bytes };
}

test("are built from the shapes of their weights and the settings given", () => {
  for (const { what, kind, config, meta, inputs, run } of variants()) {
    const found = NETWORK_KINDS.find((candidate) => candidate.kind === kind);
    if (found === undefined) throw new Error(kind);
    const built = found.fromConfig(what, config, Infinity);
    const tensors = new Map<string, StoredTensor>();
    for (const [name, tensor] of built.toReference()) tensors.set(`weights.${name}`, tensor);
    for (const [name, tensor] of Object.entries(inputs)) tensors.set(`in.${name}`, stored(tensor));
    for (const [name, tensor] of Object.entries(run(built.network, inputs)))
      tensors.set(`out.${name}`, stored(tensor));
    built.params.dispose();
    const report = verifyFile(writeCase(tensors, meta));
    assert.is(report.reference, found.reference, what);
    assert.ok(passed(report), `${what}: ${JSON.stringify(report.outputs)}`);
  }
});

test.run();
