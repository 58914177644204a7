import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../../lib/errors";
import { summariseRounds, type StepTime } from "../../lib/bench/timing";
import { readSafetensors } from "../../lib/storage/safetensors";
import { compareTwin, type Agreement } from "./agreement";
import type { PeerCase } from "./bench-cases";
import type { Opened, Side, Timed } from "./side";

/** How one side did. */
export interface SideResult {
  /** Number format of the fastest. */
  readonly mode: string;
  readonly stepMs: StepTime;
  /** Processor time of all threads of its process. */
  readonly processorMs: StepTime;
  /** null where a step has no images. */
  readonly imagesPerSec: number | null;
  /** Operations a second; null where they are not counted. */
  readonly operationsPerSec: number | null;
  /** The most that its whole process held in any round: resident, interpreter and libraries included. */
  readonly peakMemoryBytes: number;
}

/** One comparison. */
export interface CaseComparison {
  readonly name: string;
  readonly peer: string;
  readonly parameters: number | null;
  /** Of a step here, in convolutions and matrix products; the twin is credited with as many. */
  readonly operationsPerStep: number | null;
  readonly agreement: Agreement;
  readonly here: SideResult;
  readonly there: SideResult;
  /** The other's median step time over that here: above 1, this side is faster. */
  readonly ratio: number;
  /** The same of processor times: what to read where the machine has other work. */
  readonly processorRatio: number;
}

/** What a comparison is made with. */
export interface Bench {
  startOwn(): Side;
  startPeer(): Side;
  /** Number formats that the other side is timed in. */
  readonly formats: readonly string[];
  readonly rounds: number;
  readonly roundSec: number;
  /** A folder for the files of each case. */
  readonly folder: string;
}

/**
 * Shows that both sides compute the same, then times them in turns.
 *
 * @throws RunError where they do not agree, or a side fails.
 */
export async function compareCase({ name, peer, work }: PeerCase, bench: Bench): Promise<CaseComparison> {
  const folder = mkdtempSync(join(bench.folder, "case-"));
  const sides: Side[] = [];
  const start = (make: () => Side): Side => {
    const side = make();
    sides.push(side);
    return side;
  };
  try {
    // Outputs and gradients are compared in float32: only whole training steps take another format.
    const own = start(() => bench.startOwn());
    const { modes: ownModes, ...opened } = await own.ask<Opened>({ do: "open", work, folder });
    const { gradientValues } = await own.ask<{ gradientValues: Record<string, number> }>({ do: "check" });
    const twin = start(() => bench.startPeer());
    const { modes } = await twin.ask<Opened>({ do: "open", work, folder, formats: bench.formats });
    await twin.ask({ do: "check" });
    const agreement = agreementOf(name, folder, new Map(Object.entries(gradientValues)));

    const first = await own.ask<Timed & { operations: number | null }>({ do: "time", seconds: 0 });
    const turns = [
      ...ownModes.map((mode) => ({ side: own, mode })),
      ...modes.map((mode) => ({ side: twin, mode })),
    ];
    const timed = await takeTurns(turns, bench);
    const result = (rounds: readonly Timed[], mode: string): SideResult =>
      sideResult(rounds, mode, opened.images, first.operations);
    const [here, ...there] = timed.map(({ mode, rounds }) => result(rounds, mode));
    const best = there.sort((a, b) => a.stepMs.median - b.stepMs.median)[0];
    if (here === undefined || best === undefined) throw new Error("a side was not timed");
    return {
      ...{ name, peer, agreement, here, there: best },
      parameters: opened.parameters,
      operationsPerStep: first.operations === 0 ? null : first.operations,
      ratio: best.stepMs.median / here.stepMs.median,
      processorRatio: best.processorMs.median / here.processorMs.median,
    };
  } finally {
    for (const side of sides) await side.close();
  }
}

/** @throws RunError where the twin computes something else. */
export function agreementOf(
  name: string,
  folder: string,
  gradientValues: ReadonlyMap<string, number>,
): Agreement {
  const tensors = (file: string) => readSafetensors(join(folder, `${file}.safetensors`)).tensors;
  const agreement = compareTwin(name, tensors("ours"), tensors("theirs"), gradientValues);
  if (!agreement.agrees)
    throw new RunError(
      `${name}: the twin does not compute the same: ${agreement.worst} differs by ${agreement.distance.toPrecision(3)}`,
    );
  return agreement;
}

interface Turn {
  readonly side: Side;
  readonly mode: string;
}

/** Rounds in turns; one before of the twin, in which what is new at first is made: this side has had its own. */
async function takeTurns(
  turns: readonly Turn[],
  { rounds, roundSec }: Bench,
): Promise<{ readonly mode: string; readonly rounds: Timed[] }[]> {
  const results = turns.map(({ mode }) => ({ mode, rounds: [] as Timed[] }));
  for (const { side, mode } of turns.slice(1)) await side.ask<Timed>({ do: "time", mode, seconds: 0 });
  for (let round = 0; round < rounds; round++)
    for (const [i, { side, mode }] of turns.entries())
      results[i]?.rounds.push(await side.ask<Timed>({ do: "time", mode, seconds: roundSec }));
  return results;
}

function sideResult(
  rounds: readonly Timed[],
  mode: string,
  images: number | null,
  operations: number | null,
): SideResult {
  const stepMs = summariseRounds(rounds.map((round) => round.stepMs));
  const perSec = (count: number | null): number | null => (count ? (1000 * count) / stepMs.median : null);
  return {
    mode,
    stepMs,
    processorMs: summariseRounds(rounds.map((round) => round.processorMs)),
    imagesPerSec: perSec(images),
    operationsPerSec: perSec(operations),
    peakMemoryBytes: Math.max(...rounds.map(({ peakMemoryBytes }) => peakMemoryBytes)),
  };
}
