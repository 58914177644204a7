/** Images as rows of numbers, read one at a time so that a large set need not stand in memory as floats. */
export interface ImageRows {
  readonly count: number;
  /** Pixels of an image, F. */
  readonly length: number;
  /** Writes the image, grey values in [0, 255], to `target` from `offset` on. */
  readonly copy: (index: number, target: Float32Array, offset: number) => void;
}

/**
 * Which pixels count. `image`: all, background included, as in the study. `brain`: those where at least one
 * of the two images is not background (the union of the two heads), so that the shared black corners do not
 * raise the correlation while a head of another shape still lowers it.
 */
export type Extent = "image" | "brain";

/** Grey values below this are background for the extent `brain`: generated black is not exactly 0. */
export const BACKGROUND_BELOW = 8;
