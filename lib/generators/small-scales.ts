import type { MaskDecoding } from "../data/mask-decoding";
import type { GeneratorName } from "./generator-config";

export const SMALL_SIZES = [32, 64] as const;
export type SmallSize = (typeof SMALL_SIZES)[number];

/** What the two sizes differ in. */
export interface Scale {
  readonly size: SmallSize;
  /** Images that each GAN sees in its training. */
  readonly images: Readonly<Record<Exclude<GeneratorName, "diffusion">, number>>;
  /** Images at a resolution, and again to fade in the next. */
  readonly phaseImages: number;
  /** Channels at a resolution r: channelBase / r, at most channelMax. */
  readonly channelBase: number;
  readonly channelMax: number;
  /** How StyleGAN 1's masks are read, see MASKS. */
  readonly stylegan1Masks: MaskDecoding;
  /**
   * Images that a GAN draws together. At 64 pixels 16 in place of 64 draw the same bytes in 0.6 to 0.9 of the processor
   * time (one core, float32) and StyleGAN 3 in 1.0 in place of 2.5 GB; at 32 pixels they are up to a fifth slower.
   */
  readonly drawnTogether: number;
  /** Weight of R1: four times as much a doubling of the resolution, as StyleGAN 3's guide advises. */
  readonly gamma: number;
}

/**
 * The study reads masks by thresholds. At 64 pixels a U-Net's mean Dice on validation subjects (two seeds; real slices
 * 0.53) is by slopes and by neighbours: progressive GAN 0.40 and 0.45, StyleGAN 1 0.39 and 0.47, StyleGAN 2 0.41 and
 * 0.43, diffusion model 0.41 and 0.46; StyleGAN 3 by thresholds 0.38, by neighbours 0.43. At 32 pixels (4,096 images,
 * two seeds; real slices 0.54): progressive GAN 0.44 and 0.54, StyleGAN 2 0.39 and 0.45, StyleGAN 3 0.38 and 0.36; but
 * StyleGAN 1, whose noise inputs make dots of what is a pixel wide there, 0.41 by slopes and 0.33 by neighbours (0.30
 * by thresholds). The diffusion model was not tried there.
 */
export const MASKS: MaskDecoding = "neighbours";

export const SCALES: Readonly<Record<SmallSize, Scale>> = {
  32: {
    size: 32,
    images: { "progressive-gan": 200_000, stylegan1: 200_000, stylegan2: 300_000, stylegan3: 180_000 },
    phaseImages: 16_000,
    channelBase: 512,
    channelMax: 64,
    stylegan1Masks: "slopes",
    drawnTogether: 64,
    gamma: 0.1,
  },
  64: {
    size: 64,
    images: { "progressive-gan": 125_000, stylegan1: 250_000, stylegan2: 240_000, stylegan3: 250_000 },
    phaseImages: 12_000,
    channelBase: 1024,
    channelMax: 64,
    stylegan1Masks: MASKS,
    drawnTogether: 16,
    gamma: 0.4,
  },
};

/**
 * What these generators leave around a head: 8 to 40 % of their pixels lie in 1 to 8, of real slices none. On validation
 * subjects a U-Net gains 0.01 to 0.06 in Dice by it.
 */
export const BLACK_BELOW = 8;
