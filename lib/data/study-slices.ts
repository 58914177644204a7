import { InputError } from "../errors";
import { MASK_CHANNEL, SEQUENCES, SLICE_CHANNELS } from "../shape";
import type { SubjectVolumes } from "./brats-cohort";
import { GREY_OF_CLASS } from "./mask-code";
import type { Voxels } from "./nifti-voxels";

/** Rows and columns of a BraTS axial slice, and of the study's images. */
export const BRATS_SIDE = 240;
export const STUDY_SIZE = 256;
export const PADDING = (STUDY_SIZE - BRATS_SIDE) / 2;

/** A slice is kept if more than this share of its pixels is brighter than the threshold on T1. */
export const SMALLEST_COVERAGE = 0.15;
export const BRIGHT_THRESHOLD = 50;

/** The kept axial slices of one subject at the study's size. */
export interface StudySlices {
  /** [N, 256, 256, 5], 0 to 255, the annotation as a grey code. */
  readonly images: Uint8Array;
  /** [N], 1-based axial position of each slice. */
  readonly z: Int32Array;
}

/**
 * Axial slices as the study prepares them. Each sequence is divided by the largest value of its whole volume
 * and multiplied by 255; the slice is padded by 8 zeros a side; it is kept if more than 15 % of the 65,536
 * padded pixels exceed 50 on T1, on the scaled value before rounding. Values are then rounded to the
 * nearest integer, halves up, and clamped, as MATLAB's `uint8` does before the study writes its PNGs.
 *
 * Orientation: row 0 is anterior, column 0 is the patient's right, as radiologists look at a head. In the
 * BraTS frame that is pixel (y + 8, x + 8). The study's own PNGs are the anti-transpose (row r, column c
 * there is row 255 - c, column 255 - r here), because MATLAB's rows run along x and its NIfTI reader turns
 * volumes to RAS first; see `png-slices`.
 *
 * @throws InputError if a slice is not 240 x 240.
 * @see split_volumes_to_slices.m of the study's repository.
 */
export function studySlices(subject: SubjectVolumes): StudySlices {
  const [sizeX, sizeY] = subject.shape;
  if (sizeX !== BRATS_SIDE || sizeY !== BRATS_SIDE)
    throw new InputError(
      `subject ${subject.id}`,
      `has the shape ${subject.shape.join(" x ")}, expected 240 x 240 axial slices as in BraTS`,
    );
  const kept = keptPositions(subject);
  const images = new Uint8Array(kept.length * STUDY_SIZE * STUDY_SIZE * SLICE_CHANNELS);
  SEQUENCES.forEach((sequence, channel) => {
    fillSequence(images, channel, subject.sequences[sequence], kept);
  });
  forEachRow(kept, (target, source) => {
    fillMaskRow(images, target + MASK_CHANNEL, subject.classes, source);
  });
  return { images, z: Int32Array.from(kept, (k) => k + 1) };
}

/** Calls back with where each row of the kept slices begins among the images' values, and in the volume. */
function forEachRow(kept: readonly number[], call: (target: number, source: number) => void): void {
  for (const [n, k] of kept.entries())
    for (let y = 0; y < BRATS_SIDE; y++)
      call(
        ((n * STUDY_SIZE + y + PADDING) * STUDY_SIZE + PADDING) * SLICE_CHANNELS,
        (k * BRATS_SIDE + y) * BRATS_SIDE,
      );
}

/** 0-based axial positions of the slices that show enough brain on T1, for slices of 240 x 240. */
export function keptPositions(subject: SubjectVolumes): number[] {
  return [...brightShares(subject).entries()].flatMap(([k, share]) => (share > SMALLEST_COVERAGE ? [k] : []));
}

/** Share of the 65,536 padded pixels of each axial slice that exceed the threshold on T1, [Z]. */
export function brightShares({ shape, sequences: { t1w } }: SubjectVolumes): Float64Array {
  const area = shape[0] * shape[1];
  const largest = largestOf(t1w);
  return Float64Array.from({ length: shape[2] }, (_, k) => {
    let bright = 0;
    for (let i = k * area; i < (k + 1) * area; i++) {
      const value = t1w[i] as number;
      if (value > 0 && (value / largest) * 255 > BRIGHT_THRESHOLD) bright++;
    }
    return bright / STUDY_SIZE ** 2;
  });
}

function fillSequence(images: Uint8Array, channel: number, values: Voxels, kept: readonly number[]): void {
  const largest = largestOf(values);
  if (values instanceof Float32Array) fillFloats(images, channel, values, largest, kept);
  else fillWholes(images, channel, values, largest, kept);
}

function fillFloats(
  images: Uint8Array,
  channel: number,
  values: Float32Array,
  largest: number,
  kept: readonly number[],
): void {
  forEachRow(kept, (target, source) => {
    for (let x = 0, to = target + channel; x < BRATS_SIDE; x++, to += SLICE_CHANNELS) {
      const value = values[source + x] as number;
      // Zeros are there already, and negative values are clamped to them.
      if (value > 0) images[to] = greyOf(value, largest);
    }
  });
}

/** Of whole numbers, as scanners store them, each grey value is computed once. */
function fillWholes(
  images: Uint8Array,
  channel: number,
  values: Int16Array | Uint8Array,
  largest: number,
  kept: readonly number[],
): void {
  const table = new Uint8Array(Math.max(0, largest) + 1);
  for (let value = 1; value <= largest; value++) table[value] = greyOf(value, largest);
  forEachRow(kept, (target, source) => {
    for (let x = 0, to = target + channel; x < BRATS_SIDE; x++, to += SLICE_CHANNELS) {
      const value = values[source + x] as number;
      if (value > 0) images[to] = table[value] as number;
    }
  });
}

function greyOf(value: number, largest: number): number {
  return roundHalfUp((value / largest) * 255);
}

function fillMaskRow(images: Uint8Array, target: number, classes: Uint8Array, source: number): void {
  for (let x = 0; x < BRATS_SIDE; x++)
    images[target + x * SLICE_CHANNELS] = GREY_OF_CLASS[classes[source + x] as 0 | 1 | 2 | 3];
}

/** Exact for 0 <= value < 2^31, where adding a half and cutting off is not (0.49999999999999994). */
function roundHalfUp(value: number): number {
  const whole = value | 0;
  return value - whole >= 0.5 ? whole + 1 : whole;
}

/** The largest value of a volume, by which the study divides it. */
export function largestOf(values: Voxels): number {
  let largest = -Infinity;
  // Counted by hand: an iterator over millions of voxels takes several times as long.
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i] as number;
    if (value > largest) largest = value;
  }
  return largest;
}
