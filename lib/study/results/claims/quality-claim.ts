import type { Interval } from "../../../metrics/bootstrap";
import { leadingExtractor, qualityAgainstDice, type QualityAgainstDice } from "../quality-and-dice";
import type { StudyResults } from "../study-results";
import { untestable, untested, type Claim, type Effect, type Judgement } from "./claim";

/** A measure that explains half of the variance of Dice follows it: r^2 = 0.5. */
const STRONG = Math.SQRT1_2;
/** Below this the interval of a correlation is [-1, 1]. */
const FEWEST_GENERATORS = 4;

/** "FID and Inception score do not follow the Dice of networks trained on the images." */
export function qualityClaim(results: StudyResults): Claim {
  const extractor = leadingExtractor(results);
  const measures = extractor === undefined ? [] : qualityAgainstDice(results, extractor, "unet");
  return {
    id: "quality-does-not-follow-dice",
    statement: "FID and Inception score do not follow the Dice of networks trained on the images.",
    study:
      "stated (abstract, arXiv version 1): FID and IS do not correlate well with segmentation performance",
    stated: true,
    rule: `r: correlation over generators, counted positive where better images by the measure go with higher Dice. Reproduced: the interval of every r lies below ${STRONG.toFixed(2)} (half of the variance). Not reproduced: an estimate of one above it, or an interval above 0. In part: one of the two measures, or those of another network than that of FID and Inception score. Not tested: intervals that hold a strong correlation and none.`,
    effects: measures.map(effectOf),
    ...judge(results, measures),
  };
}

function judge(results: StudyResults, measures: readonly QualityAgainstDice[]): Judgement {
  const generators = Math.min(...measures.map(({ points }) => points.length));
  if (measures.length === 0 || generators < FEWEST_GENERATORS)
    return untested(
      `${measures.length === 0 ? "No" : generators} generators have both image quality and Dice.`,
      `at least ${FEWEST_GENERATORS} generators with image quality and a U-Net trained on their slices alone`,
    );
  const gate = untestable(results, results.cohort.test.subjects);
  if (gate !== undefined) return gate;
  const canonical = measures.every(({ points }) => points.every(({ quality }) => quality.canonical));
  const complete = canonical && measures.length === 2;
  const oriented = measures.map(towardsBetter);
  const found = measures.map(
    ({ measure }, i) => `${measure}: r = ${(oriented[i]?.estimate ?? NaN).toFixed(2)}`,
  );
  const why = `Over ${generators} generators, ${found.join("; ")}.`;
  const needed = complete
    ? null
    : "features of the Inception network of FID, whose weights are not downloaded";
  const verdicts = oriented.map(verdictOf);
  if (verdicts.includes("not reproduced")) return { verdict: "not reproduced", why, needed };
  const reproduced = verdicts.filter((verdict) => verdict === "reproduced").length;
  if (reproduced === 0)
    return untested(`${why} The interval allows both a strong correlation and none.`, "more generators");
  const whole = complete && reproduced === verdicts.length;
  return { verdict: whole ? "reproduced" : "in part", why, needed };
}

/** Undefined where the interval holds a strong correlation and none. */
function verdictOf({ estimate, low, high }: Interval): "reproduced" | "not reproduced" | undefined {
  if (low > 0 || estimate >= STRONG) return "not reproduced";
  return high < STRONG ? "reproduced" : undefined;
}

/** The correlation, positive where better images by the measure go with higher Dice. */
function towardsBetter({ better, association: { r } }: QualityAgainstDice): Interval {
  return better === 1 ? r : { estimate: -r.estimate, low: -r.high, high: -r.low };
}

function effectOf(measure: QualityAgainstDice): Effect {
  const { points } = measure;
  return {
    what: `r of ${measure.measure} with Dice, positive where better images go with higher Dice`,
    value: towardsBetter(measure),
    digits: 2,
    over: `${points.length} generators`,
    seeds: Math.min(...points.map(({ row }) => row.records.length)),
    origins: points.flatMap(({ quality, row }) => [
      quality.origin,
      ...row.records.map(({ origin }) => origin),
    ]),
  };
}
