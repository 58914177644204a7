import type { PeakSpeed } from "../../lib/bench/peak-speed";
import type { CaseComparison, SideResult } from "./compare-case";

/** All that a run of the benchmark found. */
export interface BenchReport {
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly threads: number;
    readonly memoryGb: number;
  };
  readonly formats: TimedFormats;
  /** The best that either side reached in a large matrix product, operations a second. */
  readonly peak: PeakSpeed;
  readonly cases: readonly CaseComparison[];
  /** Cases that could not be compared, and why. */
  readonly failures: readonly { readonly name: string; readonly reason: string }[];
  /** Of the ratios; null where there is none. */
  readonly geometricMean: number | null;
}

/** Number formats that PyTorch was timed in; a case is compared with the fastest. */
export interface TimedFormats {
  readonly timed: readonly string[];
  readonly reason: string;
}

/**
 * bfloat16 is timed only where the processor multiplies it: without, PyTorch converts value by value, which is never
 * its better mode and takes minutes a step.
 */
export function timedFormats(multipliesBfloat16: boolean): TimedFormats {
  return multipliesBfloat16
    ? { timed: ["float32", "bfloat16"], reason: "the processor multiplies bfloat16" }
    : { timed: ["float32"], reason: "the processor does not multiply bfloat16" };
}

export function geometricMean(ratios: readonly number[]): number | null {
  if (ratios.length === 0) return null;
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}

/** The share of the machine's peak in a format that a side reached; null where operations are not counted. */
export function shareOfPeak({ operationsPerSec, mode }: SideResult, peak: PeakSpeed): number | null {
  if (operationsPerSec === null) return null;
  return operationsPerSec / (mode === "float32" ? peak.float32 : (peak.bfloat16 ?? peak.float32));
}

/** What peak memory is, of both sides. */
export const PEAK_MEMORY_MEANS =
  "peak: the most memory that a side's whole process held while it was timed, interpreter and libraries included";

/** What a case's line says, for a terminal. */
export function describeCase(comparison: CaseComparison, peak: PeakSpeed): string {
  const { name, peer, parameters, operationsPerStep, agreement, ratio, processorRatio } = comparison;
  const work = [
    ...(parameters === null ? [] : [`${(parameters / 1e6).toFixed(2)} M parameters`]),
    ...(operationsPerStep === null ? [] : [`${(operationsPerStep / 1e9).toFixed(2)} GFLOP a step`]),
    `agree to ${agreement.distance.toExponential(0)}`,
  ];
  return [
    `${name.padEnd(24)} ratio ${ratio.toFixed(2)}, of processor time ${processorRatio.toFixed(2)}   ${work.join(", ")}`,
    `  ${"here".padEnd(20)} ${describeSide(comparison.here, peak)}`,
    `  ${peer.padEnd(20)} ${describeSide(comparison.there, peak)}`,
  ].join("\n");
}

function describeSide(side: SideResult, peak: PeakSpeed): string {
  const { median, lower, upper } = side.stepMs;
  const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 0);
  const share = shareOfPeak(side, peak);
  return [
    `${ms(median)} ms (${ms(lower)} to ${ms(upper)})`,
    `${ms(side.processorMs.median)} ms of processor time`,
    ...(side.imagesPerSec === null ? [] : [`${side.imagesPerSec.toFixed(1)} images/s`]),
    ...(share === null ? [] : [`${(100 * share).toFixed(0)} % of peak`]),
    `peak ${(side.peakMemoryBytes / 1e9).toFixed(2)} GB`,
    side.mode,
  ].join(", ");
}
