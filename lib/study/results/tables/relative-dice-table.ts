import { DEFAULT_LEVEL } from "../../../metrics/bootstrap";
import { Table } from "../../../figures/table";
import { tableRows, type Segmenter } from "../../grid/cells";
import { compareRows, type DiceComparison } from "../dice-comparison";
import { generatorTitle, SEGMENTER_TITLE, testSubjects } from "../names";
import { intervalRng } from "../interval-rng";
import { rowScores } from "../row-scores";
import type { StudyResults } from "../study-results";

/** Comparisons that were made, by results and network: tables, claims and report ask for the same. */
const made = new WeakMap<StudyResults, Map<Segmenter, readonly DiceComparison[]>>();

/** Every row with synthetic slices against the row of real slices with the same augmentation. */
export function comparisonsWithReal(results: StudyResults, segmenter: Segmenter): readonly DiceComparison[] {
  const known = made.get(results) ?? new Map<Segmenter, readonly DiceComparison[]>();
  made.set(results, known);
  const found = known.get(segmenter) ?? compareWithReal(results, segmenter);
  known.set(segmenter, found);
  return found;
}

function compareWithReal(results: StudyResults, segmenter: Segmenter): readonly DiceComparison[] {
  const of = (row: ReturnType<typeof tableRows>[number]): ReturnType<typeof rowScores> =>
    rowScores(results, { segmenter, row, subjects: results.cohort.train.subjects });
  const pairs = tableRows()
    .filter(({ generator }) => generator !== null)
    .map((row) => [of(row), of({ ...row, generator: null, real: true })] as const);
  return compareRows(pairs, intervalRng(results).fork(segmenter));
}

/** Dice relative to real slices, its interval over test subjects, and the test of the difference. */
export function relativeDiceTable(results: StudyResults, segmenter: Segmenter): Table {
  const { cohort } = results;
  const comparisons = comparisonsWithReal(results, segmenter);
  return new Table({
    id: `relative-dice-${segmenter}`,
    caption: `Mean Dice of the ${SEGMENTER_TITLE[segmenter]} relative to the row trained on real slices alone with the same augmentation, and the difference, with ${100 * DEFAULT_LEVEL} % intervals of the paired bootstrap over ${comparisons[0]?.subjects ?? 0} held-out ${testSubjects(cohort)} (${cohort.title}); Dice is averaged over trainings first. Wilcoxon's signed-rank test of the subjects' mean Dice, two-sided, corrected by Holm for ${comparisons.length} rows.`,
    columns: [
      { label: "synthetic slices of" },
      { label: "real slices", align: "left" },
      { label: "augmentation", align: "left" },
      { label: "relative Dice" },
      { label: "difference", digits: 3 },
      { label: "rank-biserial r" },
      { label: "corrected p" },
      { label: "trainings", digits: 0 },
    ],
    rows: comparisons.map(({ row: { row }, relative, difference, test, correctedPValue, seeds }) => [
      generatorTitle(row.generator),
      row.real ? "yes" : "no",
      row.augmentation ? "yes" : "no",
      relative,
      difference,
      test.rankBiserial,
      writtenPValue(correctedPValue),
      seeds,
    ]),
    sources: comparisons.map(({ row, baseline }) =>
      [...row.records, ...baseline.records].map(({ origin }) => origin.path),
    ),
    ruled: comparisons.flatMap(({ row: { row } }, i) => {
      const before = comparisons[i - 1]?.row.row;
      const opens = row.real !== before?.real || row.augmentation !== before.augmentation;
      return before !== undefined && opens ? [i] : [];
    }),
  });
}

/** A p-value as papers write it. */
export function writtenPValue(p: number): string | null {
  if (Number.isNaN(p)) return null;
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}
