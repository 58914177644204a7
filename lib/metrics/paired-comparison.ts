import { bootstrap, bootstrapRatioOfMeans, meanAt, type BootstrapOptions, type Interval } from "./bootstrap";
import { holm } from "./holm";
import { signedRankTest, type SignedRankTest } from "./wilcoxon";

/** Scores of one method, one a test subject; NaN where a subject has none. */
export interface SubjectValues {
  readonly name: string;
  readonly values: readonly number[];
}

/** How a method compares with the baseline over the same test subjects. */
export interface PairedComparison {
  readonly name: string;
  /** Subjects that have a score of both. */
  readonly count: number;
  /** Mean of method minus baseline. */
  readonly difference: Interval;
  /** Mean of the method over mean of the baseline, such as the relative Dice. */
  readonly relative: Interval;
  readonly test: SignedRankTest;
  /** The test's p-value, corrected by Holm for the number of methods compared. */
  readonly correctedPValue: number;
}

/**
 * Compares methods with a baseline over test subjects: subjects are drawn anew together for both (paired
 * bootstrap), and their differences tested by Wilcoxon's signed ranks with Holm's correction. Subjects without
 * a score of one of the two are left out of that comparison.
 *
 * @throws RangeError if a method has another number of subjects than the baseline.
 */
export function compareWithBaseline(
  baseline: SubjectValues,
  methods: readonly SubjectValues[],
  options: BootstrapOptions,
): readonly PairedComparison[] {
  const compared = methods.map(({ name, values }) => {
    const [of, base] = completePairs(values, baseline.values);
    const differences = of.map((value, i) => value - (base[i] as number));
    const forked = (part: string): BootstrapOptions => ({ ...options, rng: options.rng.fork(name, part) });
    return {
      name,
      count: of.length,
      difference: bootstrap(of.length, (positions) => meanAt(differences, positions), forked("difference")),
      relative: bootstrapRatioOfMeans(of, base, forked("relative")),
      test: signedRankTest(of, base),
    };
  });
  const corrected = holm(compared.map(({ test }) => test.pValue));
  return compared.map((comparison, i) => ({ ...comparison, correctedPValue: corrected[i] as number }));
}

function completePairs(a: readonly number[], b: readonly number[]): [number[], number[]] {
  if (a.length !== b.length) throw new RangeError(`${a.length} subjects against ${b.length}: not paired`);
  const both = a.flatMap((value, i) => {
    const other = b[i] as number;
    return Number.isNaN(value) || Number.isNaN(other) ? [] : [[value, other] as const];
  });
  return [both.map(([value]) => value), both.map(([, other]) => other)];
}
