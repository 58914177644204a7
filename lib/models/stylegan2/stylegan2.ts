/** What the two networks of StyleGAN 2 share. */

/** Slope of the leaky rectifiers. */
export const SLOPE = 0.2;

/** Taps of the low-pass filter of every change of resolution. */
export const RESAMPLING_TAPS: readonly number[] = [1, 3, 3, 1];

/**
 * How the blocks of a network are joined: "skip" adds up the images of all resolutions, "resnet" adds each
 * block's input to its output, "orig" does neither.
 */
export type Architecture = "skip" | "resnet" | "orig";
