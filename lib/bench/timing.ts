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

/** Mean times of a step in one round, ms. */
export interface RoundTimes {
  readonly stepMs: number;
  /** Processor time of the whole process, all its threads together: hardly longer where others work on the cores. */
  readonly processorMs: number;
}

/**
 * The mean time of a step of a training over all of its kinds.
 *
 * @param seconds How long the commonest kind is run; every kind runs at least once.
 */
export function timeRound(kinds: readonly StepKind[], seconds: number): RoundTimes {
  let [stepMs, processorMs] = [0, 0];
  for (const { share, run } of kinds) {
    const mean = meanTimes(run, seconds * share);
    stepMs += share * mean.stepMs;
    processorMs += share * mean.processorMs;
  }
  return { stepMs, processorMs };
}

function meanTimes(run: () => void, seconds: number): RoundTimes {
  const [start, before] = [performance.now(), process.cpuUsage()];
  let steps = 0;
  let elapsed: number;
  do {
    run();
    steps++;
    elapsed = performance.now() - start;
  } while (elapsed < 1000 * seconds);
  const { user, system } = process.cpuUsage(before); // microseconds
  return { stepMs: elapsed / steps, processorMs: (user + system) / 1000 / steps };
}

/** @param rounds Mean step times of several rounds, ms. */
export function summariseRounds(rounds: readonly number[]): StepTime {
  return { median: quantile(rounds, 0.5), lower: quantile(rounds, 0.25), upper: quantile(rounds, 0.75) };
}
