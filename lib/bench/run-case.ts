import type { BackendInfo } from "../backend/start";
import type { BenchCase } from "./bench-case";
import { countOperations } from "./count-operations";
import { openWorkload } from "./open-workload";
import { peakMemory, resetPeakMemory } from "./peak-memory";
import { measurePeak } from "./peak-speed";
import { summariseRounds, timeRound, type StepTime } from "./timing";

/** Rounds of a case, and the seconds of one. */
const ROUNDS = 7;
const ROUND_SEC = 0.7;

/** What `synthmr bench` says of one case. */
export interface CaseResult {
  readonly name: string;
  readonly network: string;
  readonly work: string;
  readonly size: number;
  readonly batch: number;
  readonly backend: string;
  readonly threads: number;
  readonly precision: string;
  /** Trained values of all networks. */
  readonly parameters: number;
  /** In convolutions and matrix products; null where they cannot be counted. */
  readonly operationsPerStep: number | null;
  readonly stepMs: StepTime;
  /** Processor time of all threads; it hardly depends on other work on the machine. */
  readonly processorMs: StepTime;
  readonly imagesPerSec: number;
  /** Operations a second over those of a large matrix product in the same format. */
  readonly shareOfPeak: number | null;
  readonly peakMemoryBytes: number;
}

/** In which format a kind of work multiplies: "mixed" concerns training and sampling. */
export function precisionOf({ precision }: Pick<BackendInfo, "precision">, work: BenchCase["work"]): string {
  return precision === "mixed" && work === "features" ? "float32" : precision;
}

/** Times one case. @throws InputError if its settings are not those of the network. */
export function runCase(subject: string, benchCase: BenchCase, info: BackendInfo): CaseResult {
  const { name, network, work, size, batch } = benchCase;
  const precision = precisionOf(info, work);
  const workload = openWorkload(subject, benchCase);
  try {
    const { kinds, parameters, images } = workload;
    const operations = countOperations(kinds);
    timeRound(kinds, 0); // what is new at first is made: memory, threads
    resetPeakMemory();
    const rounds = Array.from({ length: ROUNDS }, () => timeRound(kinds, ROUND_SEC));
    const stepMs = summariseRounds(rounds.map((round) => round.stepMs));
    const peakMemoryBytes = peakMemory();
    const peak = measurePeak();
    const fastest = precision === "float32" ? peak.float32 : (peak.bfloat16 ?? peak.float32);
    return {
      ...{ name, network, work, size, batch },
      ...{ backend: info.backend, threads: info.threads, precision },
      parameters,
      operationsPerStep: operations,
      stepMs,
      processorMs: summariseRounds(rounds.map((round) => round.processorMs)),
      imagesPerSec: (1000 * images) / stepMs.median,
      shareOfPeak: operations === null ? null : (1000 * operations) / stepMs.median / fastest,
      peakMemoryBytes,
    };
  } finally {
    workload.dispose();
  }
}
