import type { Rng } from "../backend/rng";
import type { Discriminator, GanNetworks, Generator, StyleGenerator } from "../models/gan";
import { DiffusionUNet } from "../models/diffusion/diffusion-unet";
import { Params } from "../models/params";
import { ProgressiveGanDiscriminator } from "../models/progressive-gan/progressive-gan-discriminator";
import { ProgressiveGanGenerator } from "../models/progressive-gan/progressive-gan-generator";
import { ShapeParams } from "../models/shape-params";
import { Stylegan1Discriminator } from "../models/stylegan1/stylegan1-discriminator";
import { Stylegan1Generator } from "../models/stylegan1/stylegan1-generator";
import { Stylegan2Discriminator } from "../models/stylegan2/stylegan2-discriminator";
import { Stylegan2Generator } from "../models/stylegan2/stylegan2-generator";
import { Stylegan3Generator } from "../models/stylegan3/stylegan3-generator";
import type { GanGeneratorConfig, GeneratorConfig } from "./generator-config";

/** Both networks of a GAN with their first weights. */
export function buildGan(config: GanGeneratorConfig, rng: Rng): GanNetworks {
  return {
    generator: declareGenerator(config, new Params(rng.fork("generator"))),
    discriminator: declareDiscriminator(config, new Params(rng.fork("discriminator"))),
  };
}

/** The network that makes images of normal draws. */
export function declareGenerator(config: GanGeneratorConfig, params: Params): Generator | StyleGenerator {
  switch (config.kind) {
    case "progressive-gan":
      return new ProgressiveGanGenerator(params, config.generator);
    case "stylegan1":
      return new Stylegan1Generator(params, config.generator);
    case "stylegan2":
      return new Stylegan2Generator(params, config.generator);
    case "stylegan3":
      return new Stylegan3Generator(params, config.generator);
  }
}

/** The network that it is trained against. */
export function declareDiscriminator(config: GanGeneratorConfig, params: Params): Discriminator {
  switch (config.kind) {
    case "progressive-gan":
      return new ProgressiveGanDiscriminator(params, config.discriminator);
    case "stylegan1":
      return new Stylegan1Discriminator(params, config.discriminator);
    case "stylegan2":
    case "stylegan3":
      return new Stylegan2Discriminator(params, config.discriminator);
  }
}

/** Trained values of a generator's networks, counted without allocating them. */
export interface ParameterCounts {
  /** Of the network that makes images, the denoiser of a diffusion model. */
  readonly generator: number;
  /** null where there is none. */
  readonly discriminator: number | null;
}

export function countParameters(config: GeneratorConfig): ParameterCounts {
  const generator = new ShapeParams();
  if (config.kind === "diffusion") {
    new DiffusionUNet(generator, config.network);
    return { generator: generator.count, discriminator: null };
  }
  const discriminator = new ShapeParams();
  declareGenerator(config, generator);
  declareDiscriminator(config, discriminator);
  return { generator: generator.count, discriminator: discriminator.count };
}
