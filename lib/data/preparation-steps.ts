import { MASK_CHANNEL, SEQUENCES, SLICE_CHANNELS, type Sequence } from "../shape";
import type { SubjectVolumes } from "./brats-cohort";
import { decodeMask } from "./mask-code";
import { shrinkSlices } from "./shrink-slices";
import { BRATS_SIDE, largestOf, PADDING, STUDY_SIZE, studySlices } from "./study-slices";

/** A slice after one step: H = W and its values, row by row. */
export interface StepImage {
  readonly side: number;
  readonly values: Float32Array;
}

/** One axial slice on its way from the volume to what networks see. */
export interface PreparationSteps {
  /** 1-based axial position. */
  readonly z: number;
  /** Each sequence: as scanned, over the volume's maximum times 255, padded, in 8 bits, at the working size. */
  readonly sequences: Readonly<Record<Sequence, readonly StepImage[]>>;
  /** The annotation as class indices: in the volume, padded, at the working size. */
  readonly classes: readonly StepImage[];
}

/**
 * Follows the kept slice with the largest tumour through the steps of studySlices and shrinkSlices.
 *
 * @param size Working size in pixels.
 * @throws RangeError if no slice of the subject is kept.
 */
export function preparationSteps(subject: SubjectVolumes, size: number): PreparationSteps {
  const { images, z } = studySlices(subject);
  const place = widestTumour(subject, z);
  const position = z[place];
  if (position === undefined) throw new RangeError(`no slice of ${subject.id} is kept`);
  const pixels = STUDY_SIZE ** 2 * SLICE_CHANNELS;
  const stored = images.slice(place * pixels, (place + 1) * pixels);
  const small = shrinkSlices(stored, size);
  const of = (name: Sequence): readonly StepImage[] => {
    const volume = subject.sequences[name];
    const raw = axialSlice(volume, position - 1);
    const largest = largestOf(volume);
    const scaled = { side: BRATS_SIDE, values: raw.values.map((value) => (value / largest) * 255) };
    const channel = SEQUENCES.indexOf(name);
    return [
      raw,
      scaled,
      pad(scaled),
      channelOf(stored, STUDY_SIZE, channel),
      channelOf(small, size, channel),
    ];
  };
  const classes = axialSlice(subject.classes, position - 1);
  return {
    z: position,
    sequences: { t1w: of("t1w"), t1wGd: of("t1wGd"), t2w: of("t2w"), flair: of("flair") },
    classes: [classes, pad(classes), classesOf(channelOf(small, size, MASK_CHANNEL))],
  };
}

/** An axial slice of a volume of 240 x 240. @param k 0-based position. */
export function axialSlice(volume: ArrayLike<number>, k: number): StepImage {
  const values = Float32Array.from(
    { length: BRATS_SIDE ** 2 },
    (_, i) => volume[k * BRATS_SIDE ** 2 + i] ?? 0,
  );
  return { side: BRATS_SIDE, values };
}

/** Place among the kept slices of the one with most tumour. */
function widestTumour({ classes }: SubjectVolumes, z: Int32Array): number {
  let [best, most] = [0, -1];
  z.forEach((position, n) => {
    let pixels = 0;
    const start = (position - 1) * BRATS_SIDE ** 2;
    for (let i = start; i < start + BRATS_SIDE ** 2; i++) if ((classes[i] as number) > 0) pixels++;
    if (pixels > most) [best, most] = [n, pixels];
  });
  return best;
}

function pad({ side, values }: StepImage): StepImage {
  const padded = new Float32Array(STUDY_SIZE ** 2);
  for (let y = 0; y < side; y++)
    padded.set(values.subarray(y * side, (y + 1) * side), (y + PADDING) * STUDY_SIZE + PADDING);
  return { side: STUDY_SIZE, values: padded };
}

function channelOf(slice: Uint8Array, side: number, channel: number): StepImage {
  const values = Float32Array.from({ length: side ** 2 }, (_, i) => slice[i * SLICE_CHANNELS + channel] ?? 0);
  return { side, values };
}

function classesOf({ side, values }: StepImage): StepImage {
  return { side, values: Float32Array.from(decodeMask(values)) };
}
