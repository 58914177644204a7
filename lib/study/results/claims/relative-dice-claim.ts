import { GENERATOR_NAMES } from "../../../generators/generator-config";
import type { Segmenter } from "../../grid/cells";
import type { DiceComparison } from "../dice-comparison";
import { generatorTitle, rowTitle, SEGMENTER_TITLE, testSubjects } from "../names";
import type { StudyResults } from "../study-results";
import { comparisonsWithReal } from "../tables/relative-dice-table";
import { untestable, untested, type Claim, type Effect, type Judgement } from "./claim";

/** What the study's abstract says of the Dice relative to real images. */
const STUDY_RANGE = { low: 0.8, high: 0.9 } as const;
/** An interval wider than this would agree with nearly anything. */
const WIDEST_INTERVAL = 0.3;

/** "Networks trained on synthetic images reach 80 to 90 % of the Dice of networks trained on real ones." */
export function relativeDiceClaim(results: StudyResults, segmenter: Segmenter): Claim {
  const comparisons = comparisonsWithReal(results, segmenter).filter(({ row }) => !row.row.real);
  return {
    id: `relative-dice-${segmenter}`,
    statement: `A ${SEGMENTER_TITLE[segmenter]} trained on synthetic slices alone reaches 80 to 90 % of the Dice of one trained on real slices.`,
    study: "80 to 90 % (abstract), for five generators, BraTS 2020 and BraTS 2021",
    stated: true,
    rule: `Reproduced: all five generators tested, each with an estimate of at least ${STUDY_RANGE.low} and an interval that reaches below ${STUDY_RANGE.high}. In part: the interval of at least one reaches into the range. Not reproduced: none does. Not tested: an interval wider than ${WIDEST_INTERVAL}.`,
    effects: comparisons.map((comparison) => relativeEffect(comparison, results)),
    ...judge(results, comparisons),
  };
}

/** The Dice of a row over that of its baseline, as an effect. */
export function relativeEffect(
  { row, baseline, relative, subjects, seeds }: DiceComparison,
  { cohort }: Pick<StudyResults, "cohort">,
): Effect {
  return {
    what: `Dice of ${rowTitle(row.row)} over ${rowTitle(baseline.row)}`,
    value: relative,
    digits: 2,
    over: `${subjects} ${testSubjects(cohort)}`,
    seeds,
    origins: [...row.records, ...baseline.records].map(({ origin }) => origin),
  };
}

function judge(results: StudyResults, comparisons: readonly DiceComparison[]): Judgement {
  const [first] = comparisons;
  if (first === undefined)
    return untested(
      "No network trained on synthetic slices alone has a result beside one trained on real slices.",
      "a synthetic and a real row of the Dice table",
    );
  const gate = untestable(results, first.subjects);
  if (gate !== undefined) return gate;
  const wide = comparisons.find(({ relative }) => !(relative.high - relative.low <= WIDEST_INTERVAL));
  if (wide !== undefined)
    return untested(
      `The interval of ${rowTitle(wide.row.row)} is wider than ${WIDEST_INTERVAL}.`,
      "more test subjects",
    );
  const missing = GENERATOR_NAMES.filter((name) =>
    comparisons.every(({ row }) => row.row.generator !== name),
  );
  const agreeing = comparisons.filter(
    ({ relative: { estimate, low } }) => estimate >= STUDY_RANGE.low && low <= STUDY_RANGE.high,
  );
  const reaching = comparisons.filter(
    ({ relative: { low, high } }) => high >= STUDY_RANGE.low && low <= STUDY_RANGE.high,
  );
  const above = comparisons.filter(({ relative: { low } }) => low > STUDY_RANGE.high).length;
  const below = comparisons.length - reaching.length - above;
  const beyond = [above > 0 ? `${above} above it` : "", below > 0 ? `${below} below it` : ""].filter(Boolean);
  const lying = beyond.length === 0 ? "" : ` Wholly outside lie ${beyond.join(" and ")}.`;
  const why = `${agreeing.length} of ${comparisons.length} rows agree with the range; the interval of ${reaching.length} reaches into it.${lying}`;
  if (reaching.length === 0) return { verdict: "not reproduced", why, needed: null };
  if (missing.length === 0 && agreeing.length === comparisons.length)
    return { verdict: "reproduced", why, needed: null };
  return {
    verdict: "in part",
    why,
    needed: missing.length === 0 ? null : `results of ${missing.map(generatorTitle).join(", ")}`,
  };
}
