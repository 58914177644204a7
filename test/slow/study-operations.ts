// Counts the floating-point operations of one image through each of the study's networks, forwards, as
// lib/study/plan/study-operations.ts states them, and tells where the two differ. Takes some minutes and 8 GB;
// needs a finished set-up.
// Usage: node -r ts-node/register/transpile-only test/slow/study-operations.ts [network ...]
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { countOperations } from "../../lib/bench/count-operations";
import { declareDiscriminator, declareGenerator } from "../../lib/generators/build-networks";
import { studyConfig } from "../../lib/generators/study-configs";
import { DiffusionUNet } from "../../lib/models/diffusion/diffusion-unet";
import { Params } from "../../lib/models/params";
import { STUDY_SWIN, UPerNetSwin } from "../../lib/models/swin/upernet-swin";
import { STUDY_UNET, UNet } from "../../lib/models/unet/unet";
import { inputSide } from "../../lib/models/unet/unet-size";
import { MASK_CHANNEL, SLICE_CHANNELS } from "../../lib/shape";
import { FORWARD_OPERATIONS, type StudyNetwork } from "../../lib/study/plan/study-operations";

const SIZE = 256;

/** Declares a network and gives one image's way through it. */
type Build = (params: Params) => () => void;

const images = (side: number, channels: number) => tf.zeros<tf.Rank.R4>([1, side, side, channels]);

function generator(name: "progressive-gan" | "stylegan1" | "stylegan2" | "stylegan3"): Build {
  return (params) => {
    const network = declareGenerator(ganConfig(name), params);
    return () => void network.apply(tf.zeros([1, network.latentSize]));
  };
}

function discriminator(name: "progressive-gan" | "stylegan1" | "stylegan2"): Build {
  return (params) => {
    const network = declareDiscriminator(ganConfig(name), params);
    return () => void network.apply(images(SIZE, SLICE_CHANNELS));
  };
}

function ganConfig(name: "progressive-gan" | "stylegan1" | "stylegan2" | "stylegan3") {
  const config = studyConfig(`brats2020/${name}`);
  if (config.kind === "diffusion") throw new Error(`${name} is no GAN`);
  return config;
}

function denoiser(params: Params): () => void {
  const config = studyConfig("brats2020/diffusion");
  if (config.kind !== "diffusion") throw new Error("the diffusion model is another network");
  const network = new DiffusionUNet(params, config.network);
  return () => void network.apply(images(SIZE, SLICE_CHANNELS), tf.zeros([1]));
}

const NETWORKS: Readonly<Record<StudyNetwork, Build>> = {
  "progressive-gan generator": generator("progressive-gan"),
  "progressive-gan discriminator": discriminator("progressive-gan"),
  "stylegan1 generator": generator("stylegan1"),
  "stylegan1 discriminator": discriminator("stylegan1"),
  "stylegan2 generator": generator("stylegan2"),
  "stylegan2 discriminator": discriminator("stylegan2"),
  "stylegan3 generator": generator("stylegan3"),
  "diffusion denoiser": denoiser,
  swin: (params) => {
    const network = new UPerNetSwin(params, STUDY_SWIN);
    return () => void network.apply(images(SIZE, MASK_CHANNEL));
  },
  unet: (params) => {
    const network = new UNet(params, STUDY_UNET);
    return () => void network.apply(images(inputSide(STUDY_UNET, SIZE), MASK_CHANNEL));
  },
};

async function main(): Promise<void> {
  await startBackend({ precision: "float32" });
  const asked = process.argv.slice(2);
  for (const [name, build] of Object.entries(NETWORKS) as [StudyNetwork, Build][]) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const params = new Params(Rng.fromSeed(1));
    const forward = build(params);
    const counted = countOperations([{ name, share: 1, run: () => void tf.tidy(forward) }]) ?? Number.NaN;
    params.dispose();
    const differs = Math.abs(counted / FORWARD_OPERATIONS[name] - 1) > 0.005;
    console.log(`${name}: ${(counted / 1e9).toPrecision(4)} GFLOP${differs ? ", stated otherwise" : ""}`);
    if (differs) process.exitCode = 1;
  }
}

void main();
