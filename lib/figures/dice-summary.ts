import type { Rng } from "../backend/rng";
import {
  bootstrap,
  bootstrapMean,
  meanAt,
  ratio,
  type BootstrapOptions,
  type Interval,
} from "../metrics/bootstrap";
import { TUMOUR_CLASSES, type TumourClass } from "../shape";
import type { Source } from "./palette";

/** Dice of one network on the test subjects. */
export interface DiceArm {
  /** What the network was trained on. */
  readonly source: Source;
  /** Its name in figures and tables, e.g. "synthetic (diffusion)". */
  readonly label: string;
  /** Test subjects, S. */
  readonly subjects: readonly string[];
  /** Dice of each class, [S]; NaN where neither annotation nor prediction has it. */
  readonly dice: Readonly<Record<TumourClass, ArrayLike<number>>>;
}

/** Means over the test subjects, each with its interval. */
export interface DiceSummary {
  readonly arm: DiceArm;
  readonly perClass: Readonly<Record<TumourClass, Interval>>;
  /** Mean of the three class means, as the study's tables have it. */
  readonly mean: Interval;
  /** That mean over the baseline's, subjects drawn together. */
  readonly relative: Interval;
}

/**
 * Summarises networks against the one trained on real slices: percentile bootstrap over test subjects.
 *
 * @param baseline The network trained on real slices; may be among the arms.
 * @throws RangeError if two networks were not tested on the same subjects in the same order.
 */
export function summariseDice(arms: readonly DiceArm[], baseline: DiceArm, rng: Rng): readonly DiceSummary[] {
  return arms.map((arm) => {
    if (arm.subjects.join("\n") !== baseline.subjects.join("\n"))
      throw new RangeError(`"${arm.label}" and "${baseline.label}" were not tested on the same subjects`);
    // One seed for all arms: intervals come from the same draws of subjects.
    const options: BootstrapOptions = { rng };
    const count = arm.subjects.length;
    const relative = (positions: Int32Array): number =>
      ratio(meanOfClasses(arm, positions), meanOfClasses(baseline, positions));
    return {
      arm,
      perClass: {
        necroticCore: bootstrapMean(arm.dice.necroticCore, options),
        edema: bootstrapMean(arm.dice.edema, options),
        enhancingTumour: bootstrapMean(arm.dice.enhancingTumour, options),
      },
      mean: bootstrap(count, (positions) => meanOfClasses(arm, positions), options),
      relative: bootstrap(count, relative, options),
    };
  });
}

/** Subjects that have a value of a class. */
export function countOf(values: ArrayLike<number>): number {
  return Array.from(values).filter((value) => !Number.isNaN(value)).length;
}

/** Mean of the class means over some subjects; classes that none of them has are left out. */
function meanOfClasses(arm: DiceArm, positions: Int32Array): number {
  const means = TUMOUR_CLASSES.map((name) => meanAt(arm.dice[name], positions));
  return meanAt(means, means.keys());
}
