// Counts the floating-point operations of one image through each network of the profiles for a GPU, forwards, as
// lib/study/plan/study-operations.ts states them, and tells where the two differ. Takes some minutes and 8 GB;
// needs a finished set-up.
// Usage: node -r ts-node/register/transpile-only test/slow/study-operations.ts [profile or network ...]
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { countOperations } from "../../lib/bench/count-operations";
import { declareDiscriminator, declareGenerator } from "../../lib/generators/build-networks";
import { DiffusionUNet } from "../../lib/models/diffusion/diffusion-unet";
import { Params } from "../../lib/models/params";
import { UPerNetSwin } from "../../lib/models/swin/upernet-swin";
import { UNet } from "../../lib/models/unet/unet";
import { inputSide } from "../../lib/models/unet/unet-size";
import { MASK_CHANNEL, SLICE_CHANNELS } from "../../lib/shape";
import {
  COSTED_PROFILES,
  FORWARD_OPERATIONS,
  type StudyNetwork,
} from "../../lib/study/plan/study-operations";
import type { Profile } from "../../lib/study/profile";
import { profileOf } from "../../lib/study/profiles";

/** Declares a network of a profile and gives one image's way through it. */
type Build = (params: Params, profile: Profile) => () => void;

type Gan = "progressive-gan" | "stylegan1" | "stylegan2" | "stylegan3";

const images = (side: number, channels: number) => tf.zeros<tf.Rank.R4>([1, side, side, channels]);

function generator(name: Gan): Build {
  return (params, { generators }) => {
    const network = declareGenerator(generators[name], params);
    return () => void network.apply(tf.zeros([1, network.latentSize]));
  };
}

function discriminator(name: Exclude<Gan, "stylegan3">): Build {
  return (params, { generators, size }) => {
    const network = declareDiscriminator(generators[name], params);
    return () => void network.apply(images(size, SLICE_CHANNELS));
  };
}

function denoiser(params: Params, { generators, size }: Profile): () => void {
  const network = new DiffusionUNet(params, generators.diffusion.network);
  return () => void network.apply(images(size, SLICE_CHANNELS), tf.zeros([1]));
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
  swin: (params, { segmenters, size }) => {
    const network = new UPerNetSwin(params, segmenters.swin.network);
    return () => void network.apply(images(size, MASK_CHANNEL));
  },
  unet: (params, { segmenters, size }) => {
    const { network: config } = segmenters.unet;
    const network = new UNet(params, config);
    return () => void network.apply(images(inputSide(config, size), MASK_CHANNEL));
  },
};

async function main(): Promise<void> {
  await startBackend({ precision: "float32" });
  const asked = process.argv.slice(2);
  for (const costed of COSTED_PROFILES) {
    const profile = profileOf(costed);
    for (const [name, build] of Object.entries(NETWORKS) as [StudyNetwork, Build][]) {
      if (asked.length > 0 && !asked.includes(name) && !asked.includes(profile.name)) continue;
      const params = new Params(Rng.fromSeed(1));
      const forward = build(params, profile);
      const counted = countOperations([{ name, share: 1, run: () => void tf.tidy(forward) }]) ?? Number.NaN;
      params.dispose();
      const differs = Math.abs(counted / FORWARD_OPERATIONS[costed][name] - 1) > 0.005;
      const remark = differs ? ", stated otherwise" : "";
      console.log(`${profile.name}, ${name}: ${(counted / 1e9).toPrecision(4)} GFLOP${remark}`);
      if (differs) process.exitCode = 1;
    }
  }
}

void main();
