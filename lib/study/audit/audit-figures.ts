import { HISTOGRAM_BINS } from "../../data/audit/intensity-histogram";
import { LOCATION_CELL_MM } from "../../data/audit/tumour-location";
import { tumourPixels } from "../../data/batches";
import type { SliceSet } from "../../data/slice-set";
import { curvesFigure, type Curve } from "../../figures/curves-figure";
import { difficultyFigure } from "../../figures/difficulty-figure";
import type { Figure } from "../../figures/figure";
import { locationFigure } from "../../figures/location-figure";
import { montageFigure } from "../../figures/montage-figure";
import { CLASS_LABEL, CLASS_RGB, cssColour, SOURCE_COLOUR } from "../../figures/palette";
import { rangeFigure, type RangeRow } from "../../figures/range-figure";
import { CLASS_KEY } from "../../figures/sheet";
import { SEQUENCE_LABEL } from "../../figures/slice-view";
import { SEQUENCES, TUMOUR_CLASSES } from "../../shape";
import { cohortLabel, type AuditResult, type CohortSummary } from "./audit-result";
import { DICE_BANDS } from "./difficulty";

/** Every figure of an audit, in the order of the report; those of parts that did not run are left out. */
export function auditFigures(result: AuditResult, published: string): readonly Figure[] {
  return [
    ranges(result, published),
    ...histograms(result),
    ...spectra(result),
    locationFigure({
      id: "location",
      maps: result.cohort.curves.location,
      cohort: cohortLabel(result.cohort),
      cellMm: LOCATION_CELL_MM,
    }),
    ...(result.heads.length === 0 ? [] : [heads(result)]),
    ...(result.difficulty.length === 0 ? [] : [difficulty(result)]),
  ];
}

/** Slices of test subjects, which are pictures of patients where the cohort is not simulated. */
export function auditMontage({ cohort }: AuditResult, test: SliceSet): Figure {
  const best = new Map<number, readonly [number, number]>();
  for (let n = 0; n < test.count; n++) {
    const [subject, pixels] = [test.subjectOf[n] ?? 0, tumourPixels(test, n)];
    if (pixels > (best.get(subject)?.[1] ?? -1)) best.set(subject, [n, pixels]);
  }
  const indices = [...best.values()].map(([n]) => n).slice(0, 5);
  const label = cohort.simulated ? "test subjects (simulated)" : "test subjects";
  return montageFigure({
    id: "montage",
    rows: [{ label, source: "real", set: test, indices }],
    note: "The slice with the largest tumour of the first test subjects.",
  });
}

function ranges({ cohort, against }: AuditResult, published: string): Figure {
  const rows = (prefix: string, shorten: (label: string) => string): readonly RangeRow[] =>
    cohort.rows
      .filter(({ measure }) => measure.startsWith(prefix))
      .map((row) => ({
        ...row,
        label: shorten(row.label),
        other: against?.rows.find(({ measure }) => measure === row.measure)?.median ?? null,
      }));
  return rangeFigure({
    id: "ranges",
    panels: [
      {
        title: "median in label over median of the other brain",
        axis: "ratio",
        rows: rows("contrast.", (label) => label.replace("contrast, ", "")),
      },
      { title: "volumes", axis: "mL", rows: rows("volume.", (label) => label.replace("volume, ", "")) },
    ],
    cohort: cohortLabel(cohort),
    published,
    ...(against === null ? {} : { other: cohortLabel(against) }),
  });
}

function sequencesOf({ curves }: CohortSummary): (typeof SEQUENCES)[number][] {
  return SEQUENCES.filter((sequence) => curves.spectra.some((s) => s.sequence === sequence));
}

function histograms({ cohort, against }: AuditResult): readonly Figure[] {
  const curvesOf = (of: CohortSummary, sequence: string, dashed: boolean): Curve[] =>
    of.curves.histograms
      .filter((h) => h.sequence === sequence)
      .map((h) => ({
        colour: h.class === 0 ? SOURCE_COLOUR.heldOut : cssColour(CLASS_RGB[h.class] ?? CLASS_RGB[0]),
        dashed,
        name: h.class === 0 ? "brain outside the tumour" : (CLASS_LABEL[h.class - 1] ?? ""),
        x: of.curves.bins,
        y: h.share.map((share) => 100 * share),
      }));
  const panels = sequencesOf(cohort).map((sequence) => ({
    title: SEQUENCE_LABEL[sequence],
    curves: [
      ...curvesOf(cohort, sequence, false),
      ...(against === null ? [] : curvesOf(against, sequence, true)),
    ],
  }));
  if (panels.length === 0) return [];
  const both = against === null ? "" : ` Dashed: ${cohortLabel(against)}.`;
  return [
    curvesFigure({
      id: "histograms",
      title: "Intensities of the tissues",
      caption: `Distribution of intensities in each class, standard scores in the brain, mean over ${cohortLabel(cohort)}.${both}`,
      alternative: `Histograms of standard scores in each class for ${panels.length} sequences.`,
      panels,
      xAxis: "standard score in the brain",
      yAxis: `voxels a bin of ${(HISTOGRAM_BINS.high - HISTOGRAM_BINS.low) / HISTOGRAM_BINS.count} (%)`,
      xRange: [HISTOGRAM_BINS.low, 7],
      key: [{ colour: SOURCE_COLOUR.heldOut, name: "brain outside the tumour" }, ...CLASS_KEY],
    }),
  ];
}

function spectra({ cohort, against }: AuditResult): readonly Figure[] {
  const panels = sequencesOf(cohort).map((sequence) => ({
    title: SEQUENCE_LABEL[sequence],
    curves: (
      [[cohort, false] as const, ...(against === null ? [] : [[against, true] as const])] as const
    ).flatMap(([of, dashed]): Curve[] => {
      const found = of.curves.spectra.find((s) => s.sequence === sequence);
      if (found === undefined) return [];
      const colour = dashed ? SOURCE_COLOUR.diffusion : SOURCE_COLOUR.real;
      return [{ colour, dashed, name: of.name, x: found.cyclesPerMm, y: found.power }];
    }),
  }));
  const powers = panels.flatMap(({ curves }) => curves.flatMap(({ y }) => y.filter((power) => power > 0)));
  const frequencies = panels.flatMap(({ curves }) => curves.flatMap(({ x }) => x));
  if (powers.length === 0) return [];
  return [
    curvesFigure({
      id: "spectra",
      title: "Power spectra of axial slices",
      caption: `Mean power of axial slices by spatial frequency, after standard scores in the brain and a Hann window; geometric mean over ${cohortLabel(cohort)}.${against === null ? "" : ` Dashed: ${cohortLabel(against)}.`} White noise of the brain's own spread is flat at 1.`,
      alternative: `Power spectra for ${panels.length} sequences.`,
      panels,
      xAxis: "cycles/mm",
      yAxis: "power",
      xRange: [Math.min(...frequencies), Math.max(...frequencies)],
      yRange: [0.7 * Math.min(...powers), 1.4 * Math.max(...powers)],
      logarithmic: true,
      key: [
        { colour: SOURCE_COLOUR.real, name: cohort.name },
        ...(against === null ? [] : [{ colour: SOURCE_COLOUR.diffusion, name: against.name }]),
      ],
    }),
  ];
}

/** Colours of the slices of the same subject, nearest first. */
const NEIGHBOUR_COLOURS = [SOURCE_COLOUR.stylegan2, SOURCE_COLOUR.stylegan1, SOURCE_COLOUR.stylegan3];

function heads({ cohort, heads: found }: AuditResult): Figure {
  const cumulative = Array.from({ length: 101 }, (_, i) => i);
  const panels = found.map(({ sequence, extent, others, neighbours }) => ({
    title: `${SEQUENCE_LABEL[sequence]}, ${extent === "image" ? "whole image" : "within the brain"}`,
    curves: [
      {
        colour: SOURCE_COLOUR.real,
        dashed: false,
        name: "best of all training slices",
        x: others,
        y: cumulative,
      },
      ...neighbours.map(({ mm, percentiles }, i) => ({
        colour: NEIGHBOUR_COLOURS[i] ?? SOURCE_COLOUR.heldOut,
        dashed: true,
        name: `same subject, ${mm} mm`,
        x: percentiles,
        y: cumulative,
      })),
    ],
  }));
  const lowest = Math.min(...found.map(({ others }) => others[1] ?? 0));
  return curvesFigure({
    id: "heads",
    title: "How alike the heads are",
    caption: `Cumulative distribution over test slices (${cohortLabel(cohort)}) of the correlation with the most similar training slice, and (dashed) with slices of the same subject 1, 3 and 5 mm away. Of different people the first curve lies well to the left of the others; copies of one head would meet them.`,
    alternative: `Medians: ${found.map(({ sequence, extent, others }) => `${sequence}, ${extent}: ${others[50] ?? "none"}`).join("; ")}.`,
    panels,
    xAxis: "correlation",
    yAxis: "test slices (%)",
    xRange: [Math.max(-1, Math.floor(20 * lowest) / 20), 1],
    yRange: [0, 100],
    key: [
      { colour: SOURCE_COLOUR.real, name: "best of training" },
      ...(found[0]?.neighbours ?? []).map(({ mm }, i) => ({
        colour: NEIGHBOUR_COLOURS[i] ?? SOURCE_COLOUR.heldOut,
        name: `same subject, ${mm} mm`,
      })),
    ],
  });
}

function difficulty({ cohort, difficulty: trainings, split }: AuditResult): Figure {
  return difficultyFigure({
    id: "difficulty",
    points: trainings.map(({ subjects, test }) => {
      const [necroticCore, edema, enhancingTumour] = TUMOUR_CLASSES.map((name) =>
        test.map(({ dice }) => dice[name]),
      );
      return {
        subjects,
        dice: {
          necroticCore: necroticCore ?? [],
          edema: edema ?? [],
          enhancingTumour: enhancingTumour ?? [],
        },
      };
    }),
    bands: DICE_BANDS,
    subjects: cohort.simulated ? "simulated test subjects" : "test subjects",
    size: split.size,
  });
}
