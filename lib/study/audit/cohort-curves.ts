import { z } from "zod";
import { binMiddles, overlap } from "../../data/audit/intensity-histogram";
import { spectrumFrequencies } from "../../data/audit/radial-spectrum";
import type { SubjectMeasures } from "../../data/audit/subject-measures";
import { VIEWS, viewSizes } from "../../data/audit/tumour-location";
import { CLASS_COUNT, SEQUENCES, type Sequence } from "../../shape";

/** Classes of a histogram: the brain outside the tumour, then the tumour classes. */
const histogramSchema = z.object({
  sequence: z.enum(SEQUENCES),
  /** Class index 0 to 3. */
  class: z.number(),
  /** Subjects that have the class. */
  subjects: z.number(),
  /** Mean share of voxels a bin. */
  share: z.array(z.number()),
});
const spectrumSchema = z.object({
  sequence: z.enum(SEQUENCES),
  subjects: z.number(),
  cyclesPerMm: z.array(z.number()),
  /** Geometric mean over subjects. */
  power: z.array(z.number()),
});
const viewSchema = z.object({
  view: z.enum(VIEWS),
  columns: z.number(),
  rows: z.number(),
  /** Share of subjects whose tumour projects onto the cell, row by row. */
  share: z.array(z.number()),
  /** Share of subjects whose brain does. */
  brain: z.array(z.number()),
});

/** Curves and maps of a cohort: means over subjects, no subject's image. */
export const curvesSchema = z.object({
  /** Middles of the bins, standard deviations from the brain's mean. */
  bins: z.array(z.number()),
  histograms: z.array(histogramSchema),
  spectra: z.array(spectrumSchema),
  location: z.array(viewSchema),
  /** Centre of mass of each subject's tumour, mm in the BraTS frame. */
  centresMm: z.array(z.tuple([z.number(), z.number(), z.number()])),
});
export type CohortCurves = z.infer<typeof curvesSchema>;

/** How two cohorts agree in one sequence. */
export const agreementSchema = z.object({
  sequence: z.enum(SEQUENCES),
  /** Common area of the histograms of classes 0 to 3: 1 where they are equal; null where one has none. */
  overlap: z.array(z.number().nullable()),
  /** Ratio of mean power in each band of BANDS, first cohort over second; null where spectra have other grids. */
  powerRatio: z.array(z.number().nullable()),
});
export type Agreement = z.infer<typeof agreementSchema>;

/** Bands of spatial frequency, cycles a mm: anatomy, folds and borders, texture and noise. */
export const BANDS = [
  [0.02, 0.1],
  [0.1, 0.25],
  [0.25, 0.5],
] as const;

/** Averages the curves of the subjects. */
export function cohortCurves(subjects: readonly SubjectMeasures[]): CohortCurves {
  return {
    bins: Array.from(binMiddles(), digits3),
    histograms: SEQUENCES.flatMap((sequence) =>
      Array.from({ length: CLASS_COUNT }, (_, index) => histogram(subjects, sequence, index)).flat(),
    ),
    spectra: SEQUENCES.flatMap((sequence) => spectrum(subjects, sequence)),
    location: location(subjects),
    centresMm: subjects.flatMap(({ location: { centreMm } }) =>
      centreMm === null ? [] : [centreMm.map((mm) => Math.round(mm)) as [number, number, number]],
    ),
  };
}

/** Compares two cohorts in the sequences that both have. */
export function compareCurves(a: CohortCurves, b: CohortCurves): readonly Agreement[] {
  return SEQUENCES.flatMap((sequence) => {
    const [first, second] = [a, b].map(({ spectra }) => spectra.find((s) => s.sequence === sequence));
    if (first === undefined || second === undefined) return [];
    const of = ({ histograms }: CohortCurves, index: number): number[] | undefined =>
      histograms.find((h) => h.sequence === sequence && h.class === index)?.share;
    const overlaps = Array.from({ length: CLASS_COUNT }, (_, index) => {
      const [p, q] = [of(a, index), of(b, index)];
      return p === undefined || q === undefined ? null : digits3(overlap(p, q));
    });
    const sameGrid = first.cyclesPerMm.join() === second.cyclesPerMm.join();
    const powerRatio = BANDS.map((band) =>
      sameGrid ? digits3(bandPower(first, band) / bandPower(second, band)) : null,
    );
    return [{ sequence, overlap: overlaps, powerRatio }];
  });
}

function bandPower(
  { cyclesPerMm, power }: z.infer<typeof spectrumSchema>,
  [low, high]: readonly [number, number],
): number {
  const inside = power.filter((_, i) => (cyclesPerMm[i] ?? 0) >= low && (cyclesPerMm[i] ?? 0) < high);
  return inside.reduce((sum, value) => sum + value, 0) / inside.length;
}

function histogram(
  subjects: readonly SubjectMeasures[],
  sequence: Sequence,
  index: number,
): CohortCurves["histograms"] {
  const parts = subjects.flatMap(({ histograms }) => {
    const bins = histograms[sequence]?.[index];
    return bins ? [bins] : [];
  });
  if (parts.length === 0) return [];
  const share = binMiddles().map(
    (_, bin) => parts.reduce((sum, bins) => sum + (bins[bin] ?? 0), 0) / parts.length,
  );
  return [{ sequence, class: index, subjects: parts.length, share: Array.from(share, digits6) }];
}

/** Spectra of the grid that the first subject has; others are left out. */
function spectrum(subjects: readonly SubjectMeasures[], sequence: Sequence): CohortCurves["spectra"] {
  const [first] = subjects;
  if (first === undefined) return [];
  const { spectrumSide: side, pixelMm } = first;
  const parts = subjects.flatMap(({ spectra, spectrumSide, pixelMm: edge }) => {
    const power = spectra[sequence];
    return power && spectrumSide === side && edge === pixelMm ? [power] : [];
  });
  if (parts.length === 0) return [];
  const cyclesPerMm = Array.from(spectrumFrequencies(side, pixelMm), digits6);
  const power = cyclesPerMm.map((_, i) => {
    const logs = parts.reduce((sum, values) => sum + Math.log(Math.max(1e-12, values[i] ?? 0)), 0);
    return Number(Math.exp(logs / parts.length).toPrecision(5));
  });
  return [{ sequence, subjects: parts.length, cyclesPerMm, power }];
}

function location(subjects: readonly SubjectMeasures[]): CohortCurves["location"] {
  const [first] = subjects;
  if (first === undefined) return [];
  const sizes = viewSizes(first.fieldMm);
  const sameField = subjects.filter(({ fieldMm }) => fieldMm.join() === first.fieldMm.join());
  const count = sameField.length;
  return VIEWS.map((view) => {
    const [columns, rows] = sizes[view];
    const share = (of: "cells" | "brainCells"): number[] => {
      const counts = new Float64Array(columns * rows);
      for (const { location: place } of sameField)
        for (const cell of place[of][view]) counts[cell] = (counts[cell] ?? 0) + 1;
      return Array.from(counts, (hits) => digits3(hits / count));
    };
    return { view, columns, rows, share: share("cells"), brain: share("brainCells") };
  });
}

function digits3(value: number): number {
  return Math.round(value * 1e3) / 1e3;
}

function digits6(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
