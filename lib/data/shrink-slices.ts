import { InputError } from "../errors";
import { CLASS_COUNT, MASK_CHANNEL, SLICE_CHANNELS } from "../shape";
import { decodeMask, GREY_OF_CLASS } from "./mask-code";
import { STUDY_SIZE } from "./study-slices";

/** Working sizes: those that divide the study's 256 x 256 grid. */
export const WORKING_SIZES = [256, 128, 64, 32, 16, 8] as const;

/** @throws InputError if images cannot be brought from 256 x 256 to this size. */
export function checkSize(size: number): void {
  if (!(WORKING_SIZES as readonly number[]).includes(size))
    throw new InputError(`size ${size}`, `is not one of ${WORKING_SIZES.join(", ")}`);
}

/**
 * Brings slices from 256 x 256 to a smaller size. A pixel of a sequence is the mean of the 8-bit pixels that
 * it covers, rounded to the nearest, halves up. A pixel of the annotation is the class that most of them
 * have; of equally frequent ones the lower class index, so that no region grows by rounding.
 *
 * @param images [N, 256, 256, 5].
 * @returns [N, size, size, 5]; the same array where nothing is to be done.
 */
export function shrinkSlices(images: Uint8Array, size: number): Uint8Array {
  checkSize(size);
  if (size === STUDY_SIZE) return images;
  const factor = STUDY_SIZE / size;
  const count = images.length / (STUDY_SIZE * STUDY_SIZE * SLICE_CHANNELS);
  const small = new Uint8Array(count * size * size * SLICE_CHANNELS);
  const sums = new Uint32Array(size * MASK_CHANNEL);
  const votes = new Uint32Array(size * CLASS_COUNT);
  let target = 0;
  for (let row = 0; row < count * size; row++) {
    sums.fill(0);
    votes.fill(0);
    for (let y = 0; y < factor; y++) gatherRow(images, row * factor + y, factor, sums, votes);
    for (let column = 0; column < size; column++) {
      for (let channel = 0; channel < MASK_CHANNEL; channel++)
        small[target++] = mean(sums[column * MASK_CHANNEL + channel] as number, factor * factor);
      small[target++] = GREY_OF_CLASS[mostVotes(votes, column * CLASS_COUNT)];
    }
  }
  return small;
}

/** Adds one row of full-size pixels to the sums and votes of the small pixels below it. */
function gatherRow(
  images: Uint8Array,
  row: number,
  factor: number,
  sums: Uint32Array,
  votes: Uint32Array,
): void {
  let source = row * STUDY_SIZE * SLICE_CHANNELS;
  for (let column = 0; column < STUDY_SIZE / factor; column++) {
    const sum = column * MASK_CHANNEL;
    const vote = column * CLASS_COUNT;
    for (let x = 0; x < factor; x++, source += SLICE_CHANNELS) {
      for (let channel = 0; channel < MASK_CHANNEL; channel++)
        sums[sum + channel] = (sums[sum + channel] as number) + (images[source + channel] as number);
      const at = vote + (CLASS_OF_BYTE[images[source + MASK_CHANNEL] as number] as number);
      votes[at] = (votes[at] as number) + 1;
    }
  }
}

const CLASS_OF_BYTE = decodeMask(Uint8Array.from({ length: 256 }, (_, grey) => grey));

/** Whole-number mean, halves up. */
function mean(sum: number, count: number): number {
  return Math.floor((2 * sum + count) / (2 * count));
}

function mostVotes(votes: Uint32Array, start: number): 0 | 1 | 2 | 3 {
  let best: 0 | 1 | 2 | 3 = 0;
  for (const index of [1, 2, 3] as const)
    if ((votes[start + index] as number) > (votes[start + best] as number)) best = index;
  return best;
}
