import { quantile } from "../metrics/quantile";

/** One kind of step: in a training that regularises only now and then, steps differ. */
export interface StepKind {
  readonly name: string;
  /** Which share of all steps is of this kind; they add up to 1. */
  readonly share: number;
  /** Takes one step and waits for its result. */
  run(): void;
}

/** A step time, ms: the median of several rounds and the quartiles around it. */
export interface StepTime {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * The mean time of a step of a training over all of its kinds, ms.
 *
 * @param seconds How long the commonest kind is run; every kind runs at least once.
 */
export function timeRound(kinds: readonly StepKind[], seconds: number): number {
  return kinds.reduce((sum, { share, run }) => sum + share * meanTime(run, seconds * share), 0);
}

function meanTime(run: () => void, seconds: number): number {
  const start = performance.now();
  let steps = 0;
  let elapsed: number;
  do {
    run();
    steps++;
    elapsed = performance.now() - start;
  } while (elapsed < 1000 * seconds);
  return elapsed / steps;
}

/** @param rounds Mean step times of several rounds, ms. */
export function summariseRounds(rounds: readonly number[]): StepTime {
  return { median: quantile(rounds, 0.5), lower: quantile(rounds, 0.25), upper: quantile(rounds, 0.75) };
}
