import type { BenchCase } from "../../lib/bench/bench-case";
import { parseBenchCase, readBenchCase } from "../../lib/bench/bench-case";

/** Work without a network, and what does the same in Python. */
export const ARRAY_TASKS = ["preprocessing", "correlation", "hausdorff"] as const;
export type ArrayTask = (typeof ARRAY_TASKS)[number];

/** One comparison. */
export interface PeerCase {
  readonly name: string;
  /** What the other side computes with. */
  readonly peer: string;
  readonly work: BenchCase | ArrayTask;
}

const PYTORCH = "PyTorch";

const PYRAMID = { resolution: 64, imageChannels: 5, channelBase: 2048, channelMax: 64 } as const;
const GROUP = 4;
const mapping = (layers: number, meanDecay: number) =>
  ({ latentSize: 64, styleSize: 64, layers, learningRateMultiplier: 0.01, meanDecay }) as const;

/** The same settings for both networks of a pair. */
const both = <T>(settings: T): { readonly generator: T; readonly discriminator: T } => ({
  generator: settings,
  discriminator: settings,
});

/** The study's progressive GAN with an eighth of its channels. */
const PROGRESSIVE_GAN_64 = both({
  ...PYRAMID,
  latentSize: 64,
  fusedScale: true,
  minibatchStddevGroup: GROUP,
} as const);

/** The study's StyleGAN 1 with an eighth of its channels. */
const STYLEGAN1_64 = both({ ...PYRAMID, mapping: mapping(8, 0.995), minibatchStddevGroup: GROUP } as const);

/** StyleGAN 2's discriminator, that of StyleGAN 3 as well. */
const RESIDUAL_DISCRIMINATOR = {
  ...PYRAMID,
  architecture: "resnet",
  convClamp: null,
  minibatchStddev: { groupSize: GROUP, channels: 1 },
} as const;

/** The study's StyleGAN 2 with an eighth of its channels: architectures "skip" and "resnet". */
const STYLEGAN2_64 = {
  generator: {
    ...PYRAMID,
    mapping: mapping(8, 0.998),
    architecture: "skip",
    noiseInputs: true,
    convClamp: null,
  },
  discriminator: RESIDUAL_DISCRIMINATOR,
} as const;

/** The study's StyleGAN 3, its layers and margins, with a sixteenth of its channels. */
const STYLEGAN3_64 = {
  generator: {
    ...PYRAMID,
    channelMax: 32,
    mapping: mapping(2, 0.998),
    layers: 14,
    criticalLayers: 2,
    firstCutoff: 2,
    firstStopband: 2 ** 2.1,
    lastStopbandRatio: 2 ** 0.3,
    margin: 10,
    kernelSize: 3,
    filterSize: 6,
    rectifierUpsampling: 2,
    radialFilters: false,
    outputScale: 0.25,
    convClamp: null,
    magnitudeDecay: 0.999,
  },
  discriminator: RESIDUAL_DISCRIMINATOR,
} as const;

/** Every comparison, in the order in which they run. */
export const PEER_CASES: readonly PeerCase[] = [
  network("diffusion-64", { network: "diffusion-unet", size: 64, batch: 16 }),
  network("progressive-gan-64", {
    ...{ network: "progressive-gan", size: 64, batch: 16 },
    config: PROGRESSIVE_GAN_64,
  }),
  network("stylegan1-64", { network: "stylegan1", size: 64, batch: 16, config: STYLEGAN1_64 }),
  network("stylegan2-64", { network: "stylegan2", size: 64, batch: 32, config: STYLEGAN2_64 }),
  network("stylegan3-64", { network: "stylegan3", size: 64, batch: 8, config: STYLEGAN3_64 }),
  network("unet-64", { network: "unet", size: 64, batch: 16 }),
  network("unet-256", { network: "unet", size: 256, batch: 2 }),
  network("upernet-swin-64", { network: "upernet-swin", size: 64, batch: 8 }),
  network("diffusion-64-ddim", { network: "diffusion-unet", work: "sample", size: 64, batch: 16 }),
  network("stylegan2-64-images", {
    ...{ network: "stylegan2", work: "sample", size: 64, batch: 32 },
    config: STYLEGAN2_64,
  }),
  network("efficientnet-features", { network: "efficientnet-lite0", work: "features", size: 64, batch: 8 }),
  { name: "preprocessing", peer: "nibabel and NumPy", work: "preprocessing" },
  { name: "correlation", peer: "NumPy", work: "correlation" },
  { name: "hausdorff95", peer: "SciPy", work: "hausdorff" },
];

/** A case of the user's, in any size. @throws InputError if the file is not one. */
export function peerCaseOf(path: string): PeerCase {
  const work = readBenchCase(path);
  return { name: work.name, peer: PYTORCH, work };
}

function network(name: string, settings: Readonly<Record<string, unknown>>): PeerCase {
  return { name, peer: PYTORCH, work: parseBenchCase(name, { name, ...settings }) };
}
