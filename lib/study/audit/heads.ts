import { z } from "zod";
import { selectSubjects, type SliceSet } from "../../data/slice-set";
import { pearson } from "../../metrics/correlation";
import type { Extent } from "../../metrics/image-rows";
import { nearestTraining, sequenceRows } from "../../metrics/memorization";
import { meanOfNumbers } from "../../metrics/subject-scores";
import { quantile, quantileOfSorted, sortedNumbers } from "../../metrics/quantile";
import { SEQUENCES, type Sequence } from "../../shape";

/** Axial distances of the slices of the same subject that are the upper reference, slices of 1 mm. */
export const NEIGHBOUR_MM = [1, 3, 5] as const;
/** Numbers of training subjects among which the best match is looked for too: it grows with them. */
export const FEWER_SUBJECTS = [10, 50] as const;
const EXTENTS = ["image", "brain"] as const satisfies readonly Extent[];

/** A distribution by its percentiles 0, 1, ... 100, so that a figure can draw it; empty without values. */
const percentilesSchema = z.array(z.number());

export const headsSchema = z.array(
  z.object({
    sequence: z.enum(SEQUENCES),
    extent: z.enum(EXTENTS),
    testSlices: z.number(),
    trainingSlices: z.number(),
    /** Best correlation of each test slice with all training slices. */
    others: percentilesSchema,
    /** The same with the first subjects only, by rising number; the last is the whole of them. */
    byTrainingSubjects: z.array(z.object({ subjects: z.number(), percentiles: percentilesSchema })),
    /** Correlation with the slices of the same subject at each distance of NEIGHBOUR_MM. */
    neighbours: z.array(
      z.object({
        mm: z.number(),
        percentiles: percentilesSchema,
        /** Share of test slices that resemble a slice of another subject more than this one of their own. */
        beaten: z.number().nullable(),
      }),
    ),
  }),
);
export type HeadsResult = z.infer<typeof headsSchema>;

/**
 * How alike the heads of different subjects are: the best match of each test slice among all training slices,
 * with slices of the same subject as the upper reference. If subjects were copies of one head, the two
 * would meet. Needs a started backend.
 */
export function compareHeads(
  test: SliceSet,
  train: SliceSet,
  sequences: readonly Sequence[],
  onProgress: (done: number, total: number) => void,
): HeadsResult {
  const parts = nestedParts(train);
  const jobs = sequences.flatMap((sequence) => EXTENTS.map((extent) => ({ sequence, extent })));
  return jobs.map(({ sequence, extent }, i) => {
    const byTrainingSubjects = parts.map(({ subjects, set }) => ({
      subjects,
      r: nearestTraining(test, set, sequence, extent).r,
    }));
    for (const [k, { r }] of byTrainingSubjects.entries())
      r.forEach((own, n) => (r[n] = highest(own, byTrainingSubjects[k - 1]?.r[n])));
    const r = byTrainingSubjects.at(-1)?.r ?? new Float64Array();
    const neighbours = NEIGHBOUR_MM.map((mm) => {
      const own = neighbourCorrelation(test, sequence, extent, mm);
      const both = Array.from(own.keys()).filter((n) => !Number.isNaN(own[n]) && !Number.isNaN(r[n]));
      const beaten = both.filter((n) => (r[n] as number) > (own[n] as number)).length / both.length;
      return { mm, percentiles: percentiles(own), beaten: Number.isNaN(beaten) ? null : beaten };
    });
    onProgress(i + 1, jobs.length);
    return {
      sequence,
      extent,
      testSlices: test.count,
      trainingSlices: train.count,
      others: percentiles(r),
      byTrainingSubjects: byTrainingSubjects.map(({ subjects, r: best }) => ({
        subjects,
        percentiles: percentiles(best),
      })),
      neighbours,
    };
  });
}

/** The training subjects in parts that follow each other, each with the number of subjects up to its end. */
function nestedParts(train: SliceSet): readonly { readonly subjects: number; readonly set: SliceSet }[] {
  const ends = [...FEWER_SUBJECTS.filter((count) => count < train.subjects.length), train.subjects.length];
  return ends.map((end, k) => ({
    subjects: end,
    set: selectSubjects(train, train.subjects.slice(ends[k - 1] ?? 0, end)),
  }));
}

/** The larger of two correlations, either of which may be missing or NaN. */
function highest(a: number, b = Number.NaN): number {
  return Number.isNaN(a) || b > a ? b : a;
}

/**
 * Correlation of each slice with the slices of its subject at a distance above and below, the mean of the
 * two; NaN where neither was kept.
 */
function neighbourCorrelation(set: SliceSet, sequence: Sequence, extent: Extent, mm: number): Float64Array {
  const rows = sequenceRows(set, sequence);
  const place = new Map<string, number>();
  for (let n = 0; n < set.count; n++) place.set(`${set.subjectOf[n]} ${set.z[n]}`, n);
  const read = (n: number): Float32Array => {
    const pixels = new Float32Array(rows.length);
    rows.copy(n, pixels, 0);
    return pixels;
  };
  return Float64Array.from({ length: set.count }, (_, n) => {
    const own = [mm, -mm].flatMap((step) => {
      const other = place.get(`${set.subjectOf[n]} ${(set.z[n] ?? 0) + step}`);
      return other === undefined ? [] : [pearson(read(n), read(other), extent)];
    });
    return meanOfNumbers(own);
  });
}

function percentiles(values: ArrayLike<number>): number[] {
  const sorted = sortedNumbers(values);
  if (sorted.length === 0) return [];
  return Array.from({ length: 101 }, (_, i) => Math.round(quantileOfSorted(sorted, i / 100) * 1e4) / 1e4);
}

/** Correlation of one head with another: pairs of subjects, whatever the size of the cohort. */
export const headPairsSchema = z.object({
  sequence: z.enum(SEQUENCES),
  extent: z.enum(EXTENTS),
  subjects: z.number(),
  /** For each ordered pair of subjects the median over one's slices of the best match among the other's. */
  pairs: z.array(z.number()),
  median: z.number().nullable(),
  highest: z.number().nullable(),
});
export type HeadPairs = z.infer<typeof headPairsSchema>;

/** Subjects of which every pair is compared, at most. */
const MOST_PAIRED = 10;

/** Compares the first subjects of a set two by two, within the brain. Needs a started backend. */
export function headPairs(set: SliceSet, sequence: Sequence): HeadPairs {
  const subjects = set.subjects.slice(0, MOST_PAIRED);
  const parts = subjects.map((id) => selectSubjects(set, [id]));
  const pairs = parts.flatMap((a, i) =>
    parts.flatMap((b, j) =>
      i === j ? [] : [Math.round(quantile(nearestTraining(a, b, sequence, "brain").r, 0.5) * 1e4) / 1e4],
    ),
  );
  const known = pairs.filter((r) => !Number.isNaN(r));
  return {
    sequence,
    extent: "brain",
    subjects: subjects.length,
    pairs: known,
    median: known.length === 0 ? null : quantile(known, 0.5),
    highest: known.length === 0 ? null : Math.max(...known),
  };
}
