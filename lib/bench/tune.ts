import { threadCount } from "../backend/threads";
import { bfloat16IsFaster, multipliesBfloat16 } from "../backend/processor";
import { processorName, writeTuning } from "../backend/tuning";
import { quantile } from "../metrics/quantile";
import type { TunedRates } from "./tune-process";
import { openSetting, type OpenSetting, type Setting } from "./tuned-setting";
import { summariseRounds, type StepTime } from "./timing";

/** Two settings are measured in turns so many times, so that other work on the machine slows both. */
const ROUNDS = 5;

/** A setting is taken only if it is faster by this share: less is not worth leaving what is usual. */
const LEAST_GAIN = 0.02;

/** A setting, and the images that its processes see a second together: the median of its rounds, by network. */
export interface TriedSetting extends Setting {
  readonly imagesPerSec: TunedRates;
}

/** Two settings beside each other. */
export interface Contest {
  readonly usual: TriedSetting;
  readonly other: TriedSetting;
  /** The other's speed over the usual one's, over the rounds. */
  readonly ratio: StepTime;
  /** Whether the other is faster in nearly every round, and by more than a trifle. */
  readonly faster: boolean;
}

/** What was found to be fastest. */
export interface TuneResult {
  readonly threads: number;
  readonly trainingBfloat16: boolean;
  /** Whether two trainings side by side, with half of the threads each, see more images than one alone. */
  readonly sideBySide: boolean;
  readonly contests: readonly Contest[];
}

export interface TuneOptions {
  /** How settings are measured; replaced in tests. */
  readonly open?: (setting: Setting) => OpenSetting;
  readonly processors?: number;
  /** In which formats training steps can multiply: first that where nobody has measured, then what is tried beside it. */
  readonly precisions?: readonly Setting["precision"][];
}

/**
 * Measures on this machine in which format training steps should multiply, how many threads an operation should
 * have, and whether trainings should run side by side. What nobody has measured stays as it is unless something
 * else is faster beyond doubt. Takes a few minutes.
 *
 * @param say Told of each comparison as it is made.
 */
export async function tune(say: (contest: Contest) => void, options: TuneOptions = {}): Promise<TuneResult> {
  const { open = openSetting, processors = threadCount({}) } = options;
  // By detours, on a processor that does not multiply bfloat16 itself, a step would take minutes.
  const { precisions = usualFirst() } = options;
  const [precision = "float32", ...others] = precisions;
  const contests: Contest[] = [];
  let best = opened({ processes: 1, threads: processors, precision }, open);
  /** Compares with the best so far, and keeps the better one open where it may be `kept`. */
  const challenge = async (setting: Setting, kept: boolean): Promise<boolean> => {
    const other = opened(setting, open);
    let loser = other;
    try {
      const contest = await compare(best, other);
      contests.push(contest);
      say(contest);
      if (contest.faster && kept) [best, loser] = [other, best];
      return contest.faster;
    } finally {
      loser.close();
    }
  };
  try {
    for (const other of others) await challenge({ ...best.setting, precision: other }, true);
    const half = Math.ceil(processors / 2);
    if (half < processors) await challenge({ ...best.setting, threads: half }, true);
    const sideBySide =
      half < processors && (await challenge({ ...best.setting, processes: 2, threads: half }, false));
    const { threads, precision: chosen } = best.setting;
    return { threads, trainingBfloat16: chosen === "mixed", sideBySide, contests };
  } finally {
    best.close();
  }
}

function usualFirst(): readonly Setting["precision"][] {
  if (bfloat16IsFaster()) return ["mixed", "float32"];
  return multipliesBfloat16() ? ["float32", "mixed"] : ["float32"];
}

/** Keeps the choices for every later start of the backend. */
export function keepTuning({ threads, trainingBfloat16 }: TuneResult): void {
  writeTuning({ processor: processorName(), threads, trainingBfloat16 });
}

/** The geometric mean over the networks, so that each counts alike. */
export function speedOf(imagesPerSec: TunedRates): number {
  const rates = Object.values(imagesPerSec);
  return Math.exp(rates.reduce((sum, rate) => sum + Math.log(rate), 0) / rates.length);
}

type Contestant = OpenSetting & { readonly setting: Setting };

function opened(setting: Setting, open: (setting: Setting) => OpenSetting): Contestant {
  return { setting, ...open(setting) };
}

async function compare(usual: Contestant, other: Contestant): Promise<Contest> {
  await usual.measure(); // what is new at first is made
  await other.measure();
  const rounds: (readonly [TunedRates, TunedRates])[] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push([await usual.measure(), await other.measure()]);
  const ratio = summariseRounds(rounds.map(([a, b]) => speedOf(b) / speedOf(a)));
  return {
    usual: { ...usual.setting, imagesPerSec: medianRates(rounds.map(([a]) => a)) },
    other: { ...other.setting, imagesPerSec: medianRates(rounds.map(([, b]) => b)) },
    ratio,
    faster: ratio.lower > 1 && ratio.median > 1 + LEAST_GAIN,
  };
}

function medianRates(rounds: readonly TunedRates[]): TunedRates {
  const networks = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(
    networks.map((network) => [
      network,
      quantile(
        rounds.map((rates) => rates[network] ?? Number.NaN),
        0.5,
      ),
    ]),
  );
}
