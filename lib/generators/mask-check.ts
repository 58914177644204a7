import { classOfGrey } from "../data/mask-code";
import { MASK_CHANNEL, SLICE_CHANNELS } from "../shape";

/** What can be wrong with the mask of a synthetic image, as its pixels tell; each is rare in real slices. */
export const MASK_FAULTS = ["noBrain", "outsideBrain", "scattered"] as const;

/**
 * - noBrain: T1w exceeds 50 in at most 15 % of the pixels, the study's rule for slices that it leaves out.
 * - outsideBrain: more than a fifth of the tumour's pixels are dark in every sequence, as the air around a head is.
 * - scattered: more than half of the tumour's pixels, and more than three, touch no other one, not even at a corner.
 */
export type MaskFault = (typeof MASK_FAULTS)[number];

const BRIGHT_T1 = 50;
const LEAST_BRAIN = 0.15;
/** Grey value up to which a pixel is air. */
const DARK = 8;
const MOST_OUTSIDE = 0.2;
const MOST_LONELY = 0.5;
/** At small sizes the end of a real tumour is one pixel or two. */
const FEW_PIXELS = 3;

/** What the masks of some images are like. Faults are counted one by one: an image may have several. */
export interface MaskCounts {
  readonly images: number;
  /** Images whose mask has no tumour pixel, which real slices have as well. */
  readonly withoutTumour: number;
  /** Images with at least one fault. */
  readonly impossible: number;
  readonly faults: Readonly<Record<MaskFault, number>>;
}

export const NO_IMAGES: MaskCounts = {
  images: 0,
  withoutTumour: 0,
  impossible: 0,
  faults: { noBrain: 0, outsideBrain: 0, scattered: 0 },
};

/** What one image's mask is like. */
export interface CheckedMask {
  readonly tumourPixels: number;
  readonly faults: readonly MaskFault[];
}

/** @param pixels One image, [H, W, 5], 0 to 255. */
export function checkMask(pixels: Uint8Array, size: number): CheckedMask {
  const tumour = new Uint8Array(size * size);
  let [bright, outside, tumourPixels] = [0, 0, 0];
  for (let i = 0, at = 0; i < tumour.length; i++, at += SLICE_CHANNELS) {
    if ((pixels[at] as number) > BRIGHT_T1) bright++;
    if (classOfGrey(pixels[at + MASK_CHANNEL] as number) === 0) continue;
    tumour[i] = 1;
    tumourPixels++;
    if (isDark(pixels, at)) outside++;
  }
  const faults: MaskFault[] = [];
  if (bright <= LEAST_BRAIN * tumour.length) faults.push("noBrain");
  if (outside > MOST_OUTSIDE * tumourPixels) faults.push("outsideBrain");
  if (lonelyPixels(tumour, size) > Math.max(FEW_PIXELS, MOST_LONELY * tumourPixels)) faults.push("scattered");
  return { tumourPixels, faults };
}

/** Adds images to the counts of others. @param images [N, H, W, 5]. */
export function countMasks(images: Uint8Array, size: number, before = NO_IMAGES): MaskCounts {
  const bytes = size ** 2 * SLICE_CHANNELS;
  const faults = { ...before.faults };
  let { images: count, withoutTumour, impossible } = before;
  for (let start = 0; start < images.length; start += bytes) {
    const mask = checkMask(images.subarray(start, start + bytes), size);
    count++;
    if (mask.tumourPixels === 0) withoutTumour++;
    if (mask.faults.length > 0) impossible++;
    for (const fault of mask.faults) faults[fault]++;
  }
  return { images: count, withoutTumour, impossible, faults };
}

/** The counts in words. */
export function formatMaskCounts({ images, withoutTumour, impossible, faults }: MaskCounts): string {
  const share = (count: number): string =>
    `${count} (${images === 0 ? "-" : ((100 * count) / images).toFixed(1)} %)`;
  const words = `no brain ${faults.noBrain}, tumour outside the brain ${faults.outsideBrain}, scattered ${faults.scattered}`;
  return `without tumour ${share(withoutTumour)}; impossible ${share(impossible)}: ${words}`;
}

function isDark(pixels: Uint8Array, at: number): boolean {
  for (let channel = 0; channel < MASK_CHANNEL; channel++)
    if ((pixels[at + channel] as number) > DARK) return false;
  return true;
}

/** Pixels of a map of zeros and ones without a neighbour among the eight around. */
function lonelyPixels(map: Uint8Array, size: number): number {
  let lonely = 0;
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      if (map[row * size + column] === 1 && !hasNeighbour(map, size, row, column)) lonely++;
  return lonely;
}

function hasNeighbour(map: Uint8Array, size: number, row: number, column: number): boolean {
  for (let r = Math.max(0, row - 1); r <= Math.min(size - 1, row + 1); r++)
    for (let c = Math.max(0, column - 1); c <= Math.min(size - 1, column + 1); c++)
      if ((r !== row || c !== column) && map[r * size + c] === 1) return true;
  return false;
}
