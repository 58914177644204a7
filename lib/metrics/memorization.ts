import type { SliceSet } from "../data/slice-set";
import { SEQUENCES, SLICE_CHANNELS, type Sequence } from "../shape";
import { bestMatches } from "./correlation";
import type { Extent, ImageRows } from "./image-rows";
import { quantileOfSorted, sortedNumbers } from "./quantile";

/** For each slice of a set, the training slice that it resembles most. */
export interface NearestTraining {
  readonly sequence: Sequence;
  readonly extent: Extent;
  /** Highest correlation with any training slice, [N]; NaN where the slice is constant. */
  readonly r: Float64Array;
  /** Position of that training slice, [N]; -1 where the slice is constant. */
  readonly index: Int32Array;
  /** Its subject, [N], and its 1-based axial position, [N]; "" and 0 where there is none. */
  readonly subject: readonly string[];
  readonly z: Int32Array;
}

/** Best matches of synthetic slices, and of held-out real slices as the reference. */
export interface Memorization {
  readonly synthetic: NearestTraining;
  readonly heldOut: NearestTraining;
  readonly summary: MemorizationSummary;
}

/** A distribution of best matches in three numbers. */
export interface Spread {
  /** Slices with a value. */
  readonly count: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

/** How the best matches of synthetic slices compare with those of held-out real slices. */
export interface MemorizationSummary {
  readonly synthetic: Spread;
  readonly heldOut: Spread;
  /** Synthetic slices left out because they are constant. */
  readonly constantCount: number;
  /** 99th percentile of the held-out reference. */
  readonly threshold: number;
  /** Share of synthetic slices above it; 0.01 of the held-out slices are. */
  readonly shareAbove: number;
  /** Largest distance of the two distribution functions (Kolmogorov-Smirnov), in [0, 1]. */
  readonly kolmogorovSmirnov: number;
  /** Probability that a synthetic slice has the higher best match, ties counted half; 0.5 where alike. */
  readonly superiority: number;
}

export interface MemorizationOptions {
  readonly synthetic: SliceSet;
  readonly training: SliceSet;
  /** Real slices of subjects that the generator has not seen. */
  readonly heldOut: SliceSet;
  readonly sequence: Sequence;
  readonly extent: Extent;
}

/**
 * Memorization as the study measures it: the Pearson correlation of each synthetic slice with every training
 * slice, one sequence at a time, the best match kept; here with held-out real slices against the same
 * training slices as the reference, without which a correlation says little: slices of different people
 * share a head's outline and correlate highly too. Needs a started backend.
 *
 * @see Akbar et al., arXiv 2305.07644.
 */
export function memorization(options: MemorizationOptions): Memorization {
  const { training, sequence, extent } = options;
  const synthetic = nearestTraining(options.synthetic, training, sequence, extent);
  const heldOut = nearestTraining(options.heldOut, training, sequence, extent);
  return { synthetic, heldOut, summary: summarise(synthetic.r, heldOut.r) };
}

/** The training slice that each slice of a set resembles most. */
export function nearestTraining(
  set: SliceSet,
  training: SliceSet,
  sequence: Sequence,
  extent: Extent,
): NearestTraining {
  const { index, r } = bestMatches(sequenceRows(set, sequence), sequenceRows(training, sequence), extent);
  const places = Array.from(index);
  return {
    sequence,
    extent,
    r,
    index,
    subject: places.map((place) =>
      place < 0 ? "" : (training.subjects[training.subjectOf[place] ?? -1] ?? ""),
    ),
    z: Int32Array.from(places, (place) => training.z[place] ?? 0),
  };
}

/**
 * Compares two distributions of best matches; NaN values are left out. Slices of one subject are not
 * independent, so no p-value is given.
 */
export function summarise(synthetic: Float64Array, heldOut: Float64Array): MemorizationSummary {
  const [s, h] = [sortedNumbers(synthetic), sortedNumbers(heldOut)];
  const threshold = quantileOfSorted(h, 0.99);
  return {
    synthetic: spread(s),
    heldOut: spread(h),
    constantCount: synthetic.length - s.length,
    threshold,
    shareAbove:
      s.length === 0 || h.length === 0 ? Number.NaN : s.filter((r) => r > threshold).length / s.length,
    ...compareRanks(s, h),
  };
}

/** Positions of the k slices with the highest best match, highest first. */
export function closestPairs({ r }: NearestTraining, k: number): readonly number[] {
  return Array.from(r.keys())
    .filter((i) => !Number.isNaN(r[i]))
    .sort((a, b) => (r[b] ?? 0) - (r[a] ?? 0) || a - b)
    .slice(0, k);
}

/** One sequence of a set as rows of pixels. They are taken from between the others once, for each is read often. */
export function sequenceRows(set: SliceSet, sequence: Sequence): ImageRows {
  const length = set.size * set.size;
  const grey = new Uint8Array(set.count * length);
  for (let i = 0, from = SEQUENCES.indexOf(sequence); i < grey.length; i++, from += SLICE_CHANNELS)
    grey[i] = set.images[from] as number;
  return {
    count: set.count,
    length,
    copy: (index, target, offset) => {
      target.set(grey.subarray(index * length, (index + 1) * length), offset);
    },
  };
}

function spread(sorted: Float64Array): Spread {
  const at = (share: number): number => quantileOfSorted(sorted, share);
  return { count: sorted.length, median: at(0.5), p95: at(0.95), max: at(1) };
}

/** Walks both ordered samples once, ties taken together. */
function compareRanks(a: Float64Array, b: Float64Array): { kolmogorovSmirnov: number; superiority: number } {
  if (a.length === 0 || b.length === 0) return { kolmogorovSmirnov: Number.NaN, superiority: Number.NaN };
  let [i, j, largest, wins] = [0, 0, 0, 0];
  while (i < a.length || j < b.length) {
    const value = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    const [fromI, fromJ] = [i, j];
    while (i < a.length && a[i] === value) i++;
    while (j < b.length && b[j] === value) j++;
    wins += (i - fromI) * (fromJ + (j - fromJ) / 2);
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
  }
  return { kolmogorovSmirnov: largest, superiority: wins / (a.length * b.length) };
}
