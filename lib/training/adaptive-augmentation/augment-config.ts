/**
 * How images are changed before the discriminator sees them. Each kind of change happens to a sample with the
 * probability p of the moment, times its share here: 1 for in use, 0 for not.
 *
 * @see Karras et al. 2020, arXiv 2006.06676, appendix B; `AugmentPipe` of NVlabs' stylegan3, training/augment.py.
 */
export interface AugmentConfig {
  /** Pixel blitting. */
  readonly flip: number;
  readonly quarterTurns: number;
  readonly wholeShift: number;
  /** Largest shift by whole pixels, of the image's size. */
  readonly wholeShiftMax: number;
  /** General geometry. */
  readonly scale: number;
  /** Standard deviation of the scale's binary logarithm. */
  readonly scaleDeviation: number;
  readonly rotation: number;
  readonly stretch: number;
  /** Standard deviation of the binary logarithm of the anisotropic scale. */
  readonly stretchDeviation: number;
  readonly shift: number;
  /** Standard deviation of the shift, of the image's size. */
  readonly shiftDeviation: number;
  /** Colour. */
  readonly brightness: number;
  /** Standard deviation of what is added. */
  readonly brightnessDeviation: number;
  readonly contrast: number;
  /** Standard deviation of the factor's binary logarithm. */
  readonly contrastDeviation: number;
  readonly lumaFlip: number;
  readonly hue: number;
  readonly saturation: number;
  /** Standard deviation of the factor's binary logarithm. */
  readonly saturationDeviation: number;
}

/** The reference's ranges, which are the same in all of its pipes. */
const RANGES = {
  wholeShiftMax: 0.125,
  scaleDeviation: 0.2,
  stretchDeviation: 0.2,
  shiftDeviation: 0.125,
  brightnessDeviation: 0.2,
  contrastDeviation: 0.5,
  saturationDeviation: 1,
} as const;

const BLIT = { flip: 1, quarterTurns: 1, wholeShift: 1 } as const;
const GEOMETRY = { scale: 1, rotation: 1, stretch: 1, shift: 1 } as const;
const COLOUR = { brightness: 1, contrast: 1, lumaFlip: 1, hue: 1, saturation: 1 } as const;

/** The reference's default pipe: blitting, geometry and colour. */
export const BGC: AugmentConfig = { ...RANGES, ...BLIT, ...GEOMETRY, ...COLOUR };

/** Blitting and geometry alone, for images whose intensities mean something. */
export const BG: AugmentConfig = {
  ...BGC,
  ...{ brightness: 0, contrast: 0, lumaFlip: 0, hue: 0, saturation: 0 },
};
