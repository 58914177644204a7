import type { Rng } from "../../backend/rng";
import { DEFAULT_LEVEL, type Interval } from "../../metrics/bootstrap";
import { summarise, type MemorizationSummary } from "../../metrics/memorization";
import { quantileOfSorted, sortedNumbers } from "../../metrics/quantile";
import { drawBinomial } from "./binomial";
import type { MemorizationRecord } from "./study-results";

/** Share of held-out slices below the threshold: a slice above it is nearer to training than they are. */
export const REFERENCE_SHARE = 0.99;
const REPLICATES = 2000;

/** Best matches of a generator's images against those of held-out slices, in numbers. */
export function memorizationSummary({ synthetic, heldOut }: MemorizationRecord): MemorizationSummary {
  return summarise(Float64Array.from(synthetic), Float64Array.from(heldOut));
}

/**
 * Bootstrap interval of anything made of the shares of images above the reference's 99th percentile. Images are
 * drawn anew one by one, held-out slices by subject, the same subjects for all records: slices of one subject
 * resemble each other.
 *
 * @param statistic Made of one share a record, in the order of the records.
 */
export function bootstrapShares(
  records: readonly MemorizationRecord[],
  statistic: (shares: readonly number[]) => number,
  rng: Rng,
): Interval {
  const samples = records.map(sampleOf);
  const most = Math.max(0, ...samples.map(({ subjects }) => subjects));
  const stream = rng.fork("shares").stream();
  const draw = (): number => {
    const order = Array.from({ length: most }, () => stream.uniform());
    return statistic(
      samples.map((sample) => {
        const above = shareAbove(sample.images, drawThreshold(sample, order));
        return drawBinomial(sample.images.length, above, stream.uniform()) / sample.images.length;
      }),
    );
  };
  const sorted = sortedNumbers(Array.from({ length: REPLICATES }, draw));
  const tail = (1 - DEFAULT_LEVEL) / 2;
  return {
    estimate: statistic(records.map((record) => memorizationSummary(record).shareAbove)),
    low: quantileOfSorted(sorted, tail),
    high: quantileOfSorted(sorted, 1 - tail),
  };
}

/** A record sorted for many draws. */
interface Sample {
  /** Best matches of the images, rising. */
  readonly images: Float64Array;
  /** Best matches of held-out slices, falling, and the position of the subject of each. */
  readonly heldOut: readonly { readonly r: number; readonly subject: number }[];
  readonly slicesOf: readonly number[];
  readonly subjects: number;
}

function sampleOf({ synthetic, heldOut, heldOutSubject }: MemorizationRecord): Sample {
  const names = [...new Set(heldOutSubject)];
  const place = new Map(names.map((name, i) => [name, i]));
  const known = heldOut
    .map((r, i) => ({ r, subject: place.get(heldOutSubject[i] ?? -1) ?? 0 }))
    .filter(({ r }) => !Number.isNaN(r));
  return {
    images: sortedNumbers(synthetic),
    heldOut: known.sort((a, b) => b.r - a.r),
    slicesOf: names.map((_, i) => known.filter(({ subject }) => subject === i).length),
    subjects: names.length,
  };
}

/** The reference's percentile among the slices of subjects drawn with replacement: the value that 1 % lie above. */
function drawThreshold({ heldOut, slicesOf, subjects }: Sample, order: readonly number[]): number {
  const times = new Array<number>(subjects).fill(0);
  for (let i = 0; i < subjects; i++) {
    const drawn = Math.floor((order[i] as number) * subjects);
    times[drawn] = (times[drawn] as number) + 1;
  }
  const total = slicesOf.reduce((sum, slices, i) => sum + slices * (times[i] as number), 0);
  const allowed = Math.floor((1 - REFERENCE_SHARE) * total);
  let above = 0;
  for (const { r, subject } of heldOut) {
    above += times[subject] as number;
    if (above > allowed) return r;
  }
  return Number.NaN;
}

/** Share of rising values above a threshold; NaN without any. */
function shareAbove(rising: Float64Array, threshold: number): number {
  if (Number.isNaN(threshold)) return Number.NaN;
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] as number) > threshold) high = middle;
    else low = middle + 1;
  }
  return (rising.length - low) / rising.length;
}
