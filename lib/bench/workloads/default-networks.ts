import type { GanGeneratorConfig } from "../../generators/generator-config";
import { smallConfig } from "../../generators/small-configs";
import type { DiffusionUNetConfig } from "../../models/diffusion/diffusion-unet";

/** Settings of networks in any size: those of the small profile, carried on to sizes for which it has none. */

/** The size whose settings are carried on. */
const KNOWN = 64;

/** Channels of a GAN's feature maps of full size; half as many pixels, twice as many channels. */
const FINEST_CHANNELS = 16;

/** Both networks of a GAN. */
export function defaultGan(
  name: GanGeneratorConfig["kind"],
  size: number,
): { readonly generator: unknown; readonly discriminator: unknown } {
  const config = smallConfig(name, KNOWN);
  if (config.kind === "diffusion") throw new Error(`${name} is not a GAN`);
  const pyramid = { resolution: size, channelBase: FINEST_CHANNELS * size };
  return {
    generator: { ...config.generator, ...pyramid },
    discriminator: { ...config.discriminator, ...pyramid },
  };
}

/** Side in pixels at which the denoiser attends and is at its coarsest, at least. */
const COARSEST = 8;

/** The denoiser: one more level for each doubling of the size, as far as it can be halved. */
export function defaultDenoiser(size: number): DiffusionUNetConfig {
  const config = smallConfig("diffusion", KNOWN);
  if (config.kind !== "diffusion") throw new Error("the diffusion model is another network");
  const { channelMultipliers } = config.network;
  let factor = 1;
  while (size % (2 * factor) === 0 && size / (2 * factor) >= COARSEST) factor *= 2;
  const levels = Math.log2(factor) + 1;
  const widest = channelMultipliers.at(-1) ?? 1;
  return {
    ...config.network,
    channelMultipliers: Array.from({ length: levels }, (_, level) => channelMultipliers[level] ?? widest),
    attentionFactors: [factor],
  };
}
