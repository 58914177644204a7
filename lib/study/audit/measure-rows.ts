import { z } from "zod";
import type { SubjectMeasures } from "../../data/audit/subject-measures";
import { CLASS_LABEL } from "../../figures/palette";
import { SEQUENCE_LABEL } from "../../figures/slice-view";
import { quantileOfSorted, sortedNumbers } from "../../metrics/quantile";
import { SEQUENCES, TUMOUR_CLASSES } from "../../shape";
import type { PublishedRanges } from "./published-ranges";

const rangeSchema = z.object({ low: z.number(), high: z.number() });

/** One measure over a cohort. */
export const measureRowSchema = z.object({
  measure: z.string(),
  label: z.string(),
  unit: z.string(),
  /** Digits after the point that say something. */
  digits: z.number(),
  /** Subjects that have it. */
  subjects: z.number(),
  median: z.number().nullable(),
  /** 5th and 95th percentile over subjects. */
  p05: z.number().nullable(),
  p95: z.number().nullable(),
  published: rangeSchema.nullable(),
  /** Whether the median lies in the published range; null where there is none. */
  verdict: z.enum(["inside", "outside"]).nullable(),
  /** Share of the subjects inside it. */
  shareInside: z.number().nullable(),
});
export type MeasureRow = z.infer<typeof measureRowSchema>;

interface Measure {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly digits: number;
  /** NaN where the subject does not have it. */
  readonly value: (subject: SubjectMeasures) => number;
}

/** Every measure of a subject that is one number, in the order of a report. */
const MEASURES: readonly Measure[] = [
  ...TUMOUR_CLASSES.map((name, i) => ({
    id: `volume.${name}`,
    label: `volume, ${CLASS_LABEL[i]}`,
    unit: "mL",
    digits: 1,
    value: ({ volumesMl }: SubjectMeasures) => volumesMl[i] ?? Number.NaN,
  })),
  {
    id: "tumourSlices",
    label: "axial slices with tumour",
    unit: "",
    digits: 0,
    value: ({ tumourSlices }) => tumourSlices,
  },
  { id: "brain", label: "brain", unit: "mL", digits: 0, value: ({ brainMl }) => brainMl },
  {
    id: "zeroShare",
    label: "zero background",
    unit: "share of voxels",
    digits: 3,
    value: ({ zeroShare }) => zeroShare,
  },
  {
    id: "keptSlices",
    label: "slices kept by the study's rule",
    unit: "",
    digits: 0,
    value: ({ keptSlices }) => keptSlices ?? Number.NaN,
  },
  ...SEQUENCES.flatMap((sequence) =>
    TUMOUR_CLASSES.map((name, i) => ({
      id: `contrast.${sequence}.${name}`,
      label: `contrast, ${SEQUENCE_LABEL[sequence]}, ${CLASS_LABEL[i]}`,
      unit: "ratio",
      digits: 2,
      value: ({ contrast }: SubjectMeasures) => contrast[sequence]?.[i] ?? Number.NaN,
    })),
  ),
  ...SEQUENCES.map((sequence) => ({
    id: `largest.${sequence}`,
    label: `largest value, ${SEQUENCE_LABEL[sequence]}`,
    unit: "",
    digits: 0,
    value: ({ largest }: SubjectMeasures) => largest[sequence] ?? Number.NaN,
  })),
];

/** Each measure over the subjects, against the published ranges; measures that no subject has are left out. */
export function measureRows(
  subjects: readonly SubjectMeasures[],
  { ranges }: PublishedRanges,
): readonly MeasureRow[] {
  return MEASURES.flatMap(({ id, label, unit, digits, value }) => {
    const values = sortedNumbers(subjects.map(value));
    if (values.length === 0) return [];
    const [median, p05, p95] = [0.5, 0.05, 0.95].map((share) => quantileOfSorted(values, share));
    const published = ranges.get(id) ?? null;
    const isInside = (x: number): boolean => published !== null && x >= published.low && x <= published.high;
    return [
      {
        measure: id,
        label,
        unit,
        digits,
        subjects: values.length,
        median: median ?? null,
        p05: p05 ?? null,
        p95: p95 ?? null,
        published,
        verdict: published === null ? null : isInside(median ?? Number.NaN) ? "inside" : "outside",
        shareInside: published === null ? null : values.filter(isInside).length / values.length,
      } satisfies MeasureRow,
    ];
  });
}
