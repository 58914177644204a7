import type { Rng } from "../../../backend/rng";
import { tableRows, type Segmenter, type TrainingRow } from "../../grid/cells";
import { compareRows, type DiceComparison } from "../dice-comparison";
import { rowTitle, SEGMENTER_TITLE, testSubjects } from "../names";
import { rowScores } from "../row-scores";
import type { StudyResults } from "../study-results";
import { LEVEL, untestable, untested, type Claim, type Effect, type Judgement } from "./claim";

const NOT_AT_HAND = "its tables have these rows; what they show is not published in the sources at hand";
const RULE = `A pair of rows differs where Wilcoxon's test over test subjects, corrected by Holm for all pairs, is below ${LEVEL}. Holds here: every pair that the study's tables have was tested and rises. In part: some do. Does not hold here: none does.`;

/** "Augmentation raises the Dice." */
export function augmentationClaim(results: StudyResults, segmenter: Segmenter, rng: Rng): Claim {
  const pairs = tableRows()
    .filter(({ augmentation }) => augmentation)
    .map((row) => [row, { ...row, augmentation: false }] as const);
  return pairsClaim(results, segmenter, rng, {
    id: `augmentation-${segmenter}`,
    statement: `Augmentation raises the Dice of the ${SEGMENTER_TITLE[segmenter]}.`,
    pairs,
    needed: "a row of the Dice table with augmentation beside the same without",
  });
}

/** "Synthetic slices beside real ones raise the Dice over real ones alone." */
export function realAndSyntheticClaim(results: StudyResults, segmenter: Segmenter, rng: Rng): Claim {
  const pairs = tableRows()
    .filter(({ real, generator }) => real && generator !== null)
    .map((row) => [row, { ...row, generator: null }] as const);
  return pairsClaim(results, segmenter, rng, {
    id: `real-and-synthetic-${segmenter}`,
    statement: `Synthetic slices beside real ones raise the Dice of the ${SEGMENTER_TITLE[segmenter]} over real ones alone.`,
    pairs,
    needed: "a row of the Dice table with real and synthetic slices beside real ones alone",
  });
}

interface PairsQuestion {
  readonly id: string;
  readonly statement: string;
  readonly pairs: readonly (readonly [TrainingRow, TrainingRow])[];
  readonly needed: string;
}

function pairsClaim(
  results: StudyResults,
  segmenter: Segmenter,
  rng: Rng,
  { id, statement, pairs, needed }: PairsQuestion,
): Claim {
  const of = (row: TrainingRow): ReturnType<typeof rowScores> =>
    rowScores(results, { segmenter, row, subjects: results.cohort.train.subjects });
  const comparisons = compareRows(
    pairs.map(([row, baseline]) => [of(row), of(baseline)]),
    rng,
  );
  return {
    id,
    statement,
    study: NOT_AT_HAND,
    stated: false,
    rule: RULE,
    effects: comparisons.map((comparison) => differenceEffect(comparison, results)),
    ...judge(results, comparisons, { pairs: pairs.length, needed }),
  };
}

function judge(
  results: StudyResults,
  comparisons: readonly DiceComparison[],
  { pairs, needed }: { readonly pairs: number; readonly needed: string },
): Judgement {
  const [first] = comparisons;
  if (first === undefined) return untested("No such pair of rows has results.", needed);
  const gate = untestable(results, first.subjects);
  if (gate !== undefined) return gate;
  const differs = comparisons.filter(({ correctedPValue }) => correctedPValue < LEVEL);
  const rising = differs.filter(({ difference }) => difference.estimate > 0).length;
  const why = `Pairs tested: ${comparisons.length} of ${pairs}. Of these rise ${rising}, fall ${differs.length - rising}, cannot be told apart ${comparisons.length - differs.length}.`;
  const complete = comparisons.length === pairs;
  if (rising === 0) return { verdict: "not reproduced", why, needed: null };
  const verdict = complete && rising === pairs ? "reproduced" : "in part";
  return {
    verdict,
    why,
    needed: complete ? null : "the rows of the study's tables that this run leaves out",
  };
}

function differenceEffect(
  { row, baseline, difference, subjects, seeds }: DiceComparison,
  { cohort }: Pick<StudyResults, "cohort">,
): Effect {
  return {
    what: `Dice of ${rowTitle(row.row)} minus ${rowTitle(baseline.row)}`,
    value: difference,
    digits: 3,
    over: `${subjects} ${testSubjects(cohort)}`,
    seeds,
    origins: [...row.records, ...baseline.records].map(({ origin }) => origin),
  };
}
