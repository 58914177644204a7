import type { Figure } from "../../../figures/figure";
import { PAGE_MM } from "../../../figures/page";
import { SOURCE_COLOUR, SOURCE_LABEL } from "../../../figures/palette";
import type { Panel, Series } from "../../../figures/panel";
import { panelsFigure } from "../../../figures/panels-figure";
import type { Rng } from "../../../backend/rng";
import { TUMOUR_CLASSES, type TumourClass } from "../../../shape";
import { ROW_GENERATORS, type Segmenter } from "../../grid/cells";
import { SEGMENTER_TITLE, sourceOfRow, testSubjects } from "../names";
import { meanDiceInterval, rowScores, trainingDice, type RowScores } from "../row-scores";
import type { StudyResults } from "../study-results";

/** What a row of panels shows. */
const MEASURES = [
  ["Dice, mean of classes", "mean"],
  ["Dice, enhancing tumour", "enhancingTumour"],
  ["Dice, edema", "edema"],
  ["Dice, necrotic core", "necroticCore"],
] as const;
type Measure = (typeof MEASURES)[number][1];

/** What a column of panels shows: the blocks of the study's tables. */
const BLOCKS = [
  { title: "with real, augmented", real: true, augmentation: true },
  { title: "with real", real: true, augmentation: false },
  { title: "synthetic alone, augmented", real: false, augmentation: true },
  { title: "synthetic alone", real: false, augmentation: false },
] as const;

/** Dice of all 22 rows: one panel a class and training mode, one point a training, interval over subjects. */
export function diceCellsFigure(
  results: StudyResults,
  segmenter: Segmenter,
  rng: Rng,
  widthMm = PAGE_MM,
): Figure {
  const { cohort } = results;
  const of = (place: Pick<RowScores, "row">): RowScores =>
    rowScores(results, { segmenter, ...place, subjects: cohort.train.subjects });
  const all = BLOCKS.map(({ real, augmentation }) =>
    ROW_GENERATORS.filter((generator) => real || generator !== null).map((generator) =>
      of({ row: { generator, real, augmentation } }),
    ),
  );
  // A column of panels without any point would say nothing that the caption does not.
  const blocks = BLOCKS.filter((_, block) => all[block]?.some(({ records }) => records.length > 0));
  const rows = BLOCKS.flatMap((block, i) => (blocks.includes(block) ? [all[i] ?? []] : []));
  const panels = MEASURES.flatMap(([label, measure], i) => {
    const level = (augmentation: boolean): number =>
      summaryOf(of({ row: { generator: null, real: true, augmentation } }), measure).mean;
    const series = rows.map((block) => block.flatMap((row) => cellSeries(row, measure, rng)));
    const range = diceRange(series.flat());
    return blocks.map(({ title, augmentation }, block): Panel => ({
      title: i === 0 ? title : "",
      series: series[block] ?? [],
      x: { title: "", range: [-0.7, 5.7], ticks: { values: [], texts: [] } },
      y: { title: label, range },
      lines: Number.isNaN(level(augmentation))
        ? []
        : [{ at: level(augmentation), axis: "y", colour: SOURCE_COLOUR.real }],
    }));
  });
  const tested = rows.flat().find(({ records }) => records.length > 0)?.records[0]?.subjects.length ?? 0;
  const counts = all.flat().map(({ records }) => records.length);
  return panelsFigure({
    id: `dice-cells-${segmenter}`,
    title: `Dice of the ${SEGMENTER_TITLE[segmenter]} in every row of the study's tables`,
    caption: `Dice on ${tested} held-out ${testSubjects(cohort)} (${cohort.title}). Large point: mean over trainings, with the 95 % bootstrap interval over subjects; small points: single trainings (up to ${Math.max(...counts)} a row). Dotted: real slices alone with the same augmentation. ${counts.filter((count) => count === 0).length} of ${counts.length} rows have no finished training.`,
    alternative: rows
      .flat()
      .filter(({ mean }) => mean.count > 0)
      .map(
        ({ row, mean }) =>
          `${SOURCE_LABEL[sourceOfRow(row)]} ${row.real ? "with" : "without"} real${row.augmentation ? ", augmented" : ""}: ${mean.mean.toFixed(2)}.`,
      )
      .join(" "),
    panels,
    columns: blocks.length,
    panelHeightMm: 30,
    panelLeastMm: 30,
    sharedAxes: true,
    key: ROW_GENERATORS.map((generator) => ({
      colour: SOURCE_COLOUR[sourceOfRow({ generator })],
      name: generator === null ? "none (real alone)" : SOURCE_LABEL[generator],
    })),
    widthMm,
  });
}

/** Dice against the number of real training subjects, with and without synthetic slices beside them. */
export function diceSubjectsFigure(
  results: StudyResults,
  segmenter: Segmenter,
  rng: Rng,
  widthMm?: number,
): Figure {
  const { cohort, segmentation } = results;
  const counts = [...new Set(segmentation.map(({ cell }) => cell.subjects))].sort((a, b) => a - b);
  const curves: readonly (readonly RowScores[])[] = ROW_GENERATORS.map((generator) =>
    counts
      .map((subjects) =>
        rowScores(results, { segmenter, row: { generator, real: true, augmentation: false }, subjects }),
      )
      .filter(({ records }) => records.length > 0),
  );
  const [first = 1, last = 1] = [counts[0], counts.at(-1)];
  const shiftOf = (rows: readonly RowScores[], subjects: number): number => {
    const beside = curves.filter((others) => others.some((other) => other.subjects === subjects));
    // Beside each other, so that intervals do not lie on one another.
    return 1 + 0.012 * (beside.indexOf(rows) - (beside.length - 1) / 2);
  };
  const series = curves.flatMap((rows, i) =>
    subjectsCurve(rows, ROW_GENERATORS[i] ?? null, { shiftOf: (subjects) => shiftOf(rows, subjects), rng }),
  );
  const lows = series.flatMap(({ low }) => low ?? []).filter((value) => !Number.isNaN(value));
  const highs = series.flatMap(({ high }) => high ?? []).filter((value) => !Number.isNaN(value));
  return panelsFigure({
    id: `dice-subjects-${segmenter}`,
    title: "Dice against the number of real training subjects",
    caption: `Mean Dice of the ${SEGMENTER_TITLE[segmenter]} (mean of three classes, without augmentation) on held-out ${testSubjects(cohort)} (${cohort.title}) against the number of real subjects, trained on their slices alone (solid) and with synthetic slices of a generator trained on the same subjects beside them (dashed). 95 % bootstrap intervals over subjects.`,
    alternative: series
      .map(({ name, y }) => `${name}: Dice ${y.map((value) => value.toFixed(2)).join(", ")}.`)
      .join(" "),
    panels: [
      {
        title: "",
        series,
        x: {
          title: "real training subjects",
          range: [first / 1.12, last * 1.12],
          logarithmic: true,
          ticks: { values: counts, texts: counts.map(String) },
        },
        y: {
          title: "mean Dice",
          range: [Math.max(0, Math.min(1, ...lows) - 0.02), Math.min(1, Math.max(0, ...highs) + 0.02)],
        },
      },
    ],
    columns: 1,
    panelHeightMm: 58,
    panelLeastMm: 40,
    sharedAxes: false,
    key: series.map(({ name, colour, dashed = false }) => ({ name, colour, dashed })),
    widthMm: widthMm ?? 132,
  });
}

/** One row over numbers of training subjects; none where it has no training. */
function subjectsCurve(
  rows: readonly RowScores[],
  generator: (typeof ROW_GENERATORS)[number],
  { shiftOf, rng }: { readonly shiftOf: (subjects: number) => number; readonly rng: Rng },
): readonly Series[] {
  if (rows.length === 0) return [];
  const intervals = rows.map((row) => meanDiceInterval(row, "mean", rng));
  return [
    {
      name: generator === null ? "real alone" : `real and ${SOURCE_LABEL[generator]}`,
      colour: SOURCE_COLOUR[sourceOfRow({ generator })],
      x: rows.map(({ subjects }) => subjects * shiftOf(subjects)),
      y: intervals.map(({ estimate }) => estimate),
      low: intervals.map(({ low }) => low),
      high: intervals.map(({ high }) => high),
      mark: "line and points",
      thinIntervals: true,
      dashed: generator !== null,
    },
  ];
}

/** A row in its panel: single trainings small, their mean with its interval. */
function cellSeries(row: RowScores, measure: Measure, rng: Rng): readonly Series[] {
  const place = ROW_GENERATORS.indexOf(row.row.generator);
  const source = sourceOfRow(row.row);
  const shared = { name: SOURCE_LABEL[source], colour: SOURCE_COLOUR[source], mark: "points" as const };
  if (row.records.length === 0) return [];
  const { estimate, low, high } = meanDiceInterval(row, measure, rng);
  const single = row.records.map((record) => trainingDice(record, measure));
  return [
    ...(single.length < 2 ? [] : [{ ...shared, x: single.map(() => place + 0.3), y: single, faint: true }]),
    { ...shared, x: [place], y: [estimate], low: [low], high: [high] },
  ];
}

function summaryOf(row: RowScores, measure: Measure): RowScores["mean"] {
  const isClass = (name: Measure): name is TumourClass => TUMOUR_CLASSES.some((known) => known === name);
  return isClass(measure) ? row.perClass[measure] : row.mean;
}

/** Tenths around all points and intervals. */
function diceRange(series: readonly Series[]): readonly [number, number] {
  const values = series
    .flatMap(({ y, low = [], high = [] }) => [...y, ...low, ...high])
    .filter(Number.isFinite);
  if (values.length === 0) return [0, 1];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return [Math.max(0, Math.floor(10 * low - 0.1) / 10), Math.min(1, Math.ceil(10 * high + 0.1) / 10)];
}
