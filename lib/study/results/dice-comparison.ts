import type { Rng } from "../../backend/rng";
import { bootstrap, ratio, type Interval } from "../../metrics/bootstrap";
import { holm } from "../../metrics/holm";
import { signedRankTest, type SignedRankTest } from "../../metrics/wilcoxon";
import { TUMOUR_CLASSES } from "../../shape";
import { meanDice, nanMean, subjectDice, type RowScores, type SubjectDice } from "./row-scores";

/** How one row compares with another over the same test subjects. */
export interface DiceComparison {
  readonly row: RowScores;
  readonly baseline: RowScores;
  /** Test subjects, and the seeds of the row with fewer of them. */
  readonly subjects: number;
  readonly seeds: number;
  /** Mean Dice of the row over that of the baseline; mean of the three class means each. */
  readonly relative: Interval;
  /** Mean Dice of the row minus that of the baseline. */
  readonly difference: Interval;
  /** Of the subjects' mean Dice. */
  readonly test: SignedRankTest;
  /** Its p-value after Holm's correction for the rows compared together. */
  readonly correctedPValue: number;
}

/**
 * Compares rows, each with its baseline: subjects are drawn anew together for both, and their mean Dice, averaged
 * over seeds, is tested by Wilcoxon's signed ranks, corrected by Holm for the number of pairs given. The intervals
 * hold the spread between subjects, not that between trainings. A pair with a row that has no training is left out.
 *
 * @throws RangeError if two rows were not tested on the same subjects.
 */
export function compareRows(
  pairs: readonly (readonly [row: RowScores, baseline: RowScores])[],
  rng: Rng,
): readonly DiceComparison[] {
  const finished = pairs.filter((pair) => pair.every(({ records }) => records.length > 0));
  const compared = finished.map(([row, baseline]) => {
    const [of, base] = [subjectDice(row), subjectDice(baseline)];
    if (of.subjects.join("\n") !== base.subjects.join("\n"))
      throw new RangeError("two rows were not tested on the same subjects");
    const [a, b] = pairedMeans(of, base);
    // One seed for all pairs: intervals come from the same draws of subjects.
    const over = (statistic: (row: number, baseline: number) => number): Interval =>
      bootstrap(
        of.subjects.length,
        (positions) => statistic(meanDice(row, "mean", positions), meanDice(baseline, "mean", positions)),
        { rng },
      );
    return {
      row,
      baseline,
      subjects: of.subjects.length,
      seeds: Math.min(of.seeds, base.seeds),
      relative: over(ratio),
      difference: over((mean, other) => mean - other),
      test: signedRankTest(a, b),
    };
  });
  const corrected = holm(compared.map(({ test }) => test.pValue));
  return compared.map((comparison, i) => ({ ...comparison, correctedPValue: corrected[i] ?? Number.NaN }));
}

/** Mean Dice of each subject in both rows, over the classes that both have a value of. */
function pairedMeans(of: SubjectDice, base: SubjectDice): readonly [number[], number[]] {
  const means = of.subjects.map((_, subject) => {
    const classes = TUMOUR_CLASSES.map((name) => [of.dice[name][subject], base.dice[name][subject]] as const);
    const both = classes.filter((pair) => pair.every((value) => !Number.isNaN(value ?? Number.NaN)));
    return [
      nanMean(both.map(([value]) => value ?? 0)),
      nanMean(both.map(([, value]) => value ?? 0)),
    ] as const;
  });
  return [means.map(([value]) => value), means.map(([, value]) => value)];
}
