import type { BenchCase } from "../../lib/bench/bench-case";
import { parseBenchCase } from "../../lib/bench/bench-case";

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

/** The study's StyleGAN 2 with an eighth of its channels: architectures "skip" and "resnet". */
const STYLEGAN2_64 = {
  generator: {
    ...PYRAMID,
    mapping: { latentSize: 64, styleSize: 64, layers: 8, learningRateMultiplier: 0.01, meanDecay: 0.998 },
    architecture: "skip",
    noiseInputs: true,
    convClamp: null,
  },
  discriminator: {
    ...PYRAMID,
    architecture: "resnet",
    convClamp: null,
    minibatchStddev: { groupSize: 4, channels: 1 },
  },
} as const;

/** Every comparison, in the order in which they run. */
export const PEER_CASES: readonly PeerCase[] = [
  network("diffusion-64", { network: "diffusion-unet", size: 64, batch: 16 }),
  network("stylegan2-64", { network: "stylegan2", size: 64, batch: 32, config: STYLEGAN2_64 }),
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

function network(name: string, settings: Readonly<Record<string, unknown>>): PeerCase {
  return { name, peer: PYTORCH, work: parseBenchCase(name, { name, ...settings }) };
}
