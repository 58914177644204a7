import { CLASS_COUNT } from "../shape";
import { GREY_OF_CLASS } from "./mask-code";
import { decodeSlopes } from "./mask-slopes";

/** How classes stand beside each other in annotations. */
interface Neighbourhood {
  /**
   * log P(a, b) / (P(a) P(b)) of the classes a and b of a pixel and any of its eight neighbours: above 0 where they are
   * together more often than by chance. By class index: background, core, edema, enhancing tumour.
   */
  readonly affinity: readonly (readonly number[])[];
  /** log P(a). */
  readonly prior: readonly number[];
}

/**
 * Counted in the annotations of the 52 training subjects of the cohort simulated-glioma 3, seed 1 (3,975 slices, those
 * with tumour). At 32 pixels more of a tumour is border.
 */
const AT_64: Neighbourhood = {
  affinity: [
    [0.03, -3.03, -1.42, -2.67],
    [-3.03, 4.49, 1.57, 3.12],
    [-1.42, 1.57, 3.6, 2.03],
    [-2.67, 3.12, 2.03, 4.48],
  ],
  prior: [-0.03, -4.84, -3.99, -4.97],
};
const AT_32: Neighbourhood = {
  affinity: [
    [0.03, -2.11, -0.97, -1.75],
    [-2.11, 4.24, 2.03, 3.23],
    [-0.97, 2.03, 3.25, 2.36],
    [-1.75, 3.23, 2.36, 4.06],
  ],
  prior: [-0.04, -4.83, -3.95, -4.91],
};

/** Standard deviation of a drawn grey value about its code: half the distance between neighbouring codes. */
const DEVIATION = 25;

/**
 * Weight of the eight neighbours together with the prior; below 1, for they are not independent of each other. With it
 * the masks of all five generators at 64 pixels are about as smooth as annotations: 0.81 to 1.03 pairs of unlike
 * neighbours a tumour pixel, annotations 0.83, without it 1.24 to 1.75.
 */
const WEIGHT = 0.35;

const SWEEPS = 4;

/**
 * Class index of each pixel of a mask that a network drew, as the most likely class given its grey value and the
 * classes around it: iterated conditional modes on a Markov random field, from the classes of decodeSlopes on. What is
 * measured of the field is how often classes stand side by side in annotations, so specks and rims of a class where it
 * never stands go, and tumours become as smooth as annotated ones are. It is for drawn masks alone: fine detail of an
 * annotation would go too.
 *
 * @param grey [H, W], 0 to 255. @param size W.
 * @see Besag 1986, J R Stat Soc B 48(3):259-302, section 2.5.
 */
export function decodeNeighbours(grey: Uint8Array, size: number): Uint8Array {
  const field = size < 48 ? AT_32 : AT_64;
  const width = size + 2;
  const offsets = [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1];
  const classes = decodeSlopes(grey, size);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const before = framed(classes, size);
    let changed = false;
    for (let i = 0; i < classes.length; i++) {
      const at = (Math.floor(i / size) + 1) * width + (i % size) + 1;
      // Far from tumours nothing changes.
      if (before[at] === 0 && offsets.every((offset) => isEmpty(before[at + offset] as number))) continue;
      const around = offsets.map((offset) => before[at + offset] as number);
      const found = likeliest(grey[i] as number, around, field);
      if (found !== before[at]) changed = true;
      classes[i] = found;
    }
    if (!changed) break;
  }
  return classes;
}

/** Beyond the image there is no class, and nothing to say for any. */
const OUTSIDE = CLASS_COUNT;

function isEmpty(index: number): boolean {
  return index === 0 || index === OUTSIDE;
}

/** The classes with a pixel of OUTSIDE on every side, [H + 2, W + 2]. */
function framed(classes: Uint8Array, size: number): Uint8Array {
  const frame = new Uint8Array((size + 2) ** 2).fill(OUTSIDE);
  for (let row = 0; row < size; row++)
    frame.set(classes.subarray(row * size, (row + 1) * size), (row + 1) * (size + 2) + 1);
  return frame;
}

/** The class with the highest score; the first of several. */
function likeliest(grey: number, around: readonly number[], { affinity, prior }: Neighbourhood): number {
  let [best, found] = [Number.NEGATIVE_INFINITY, 0];
  for (let candidate = 0; candidate < CLASS_COUNT; candidate++) {
    let support = prior[candidate] as number;
    for (const other of around) support += affinity[candidate]?.[other] ?? 0;
    const distance = (grey - (GREY_OF_CLASS[candidate] as number)) / DEVIATION;
    const score = WEIGHT * support - distance ** 2 / 2;
    if (score > best) [best, found] = [score, candidate];
  }
  return found;
}
