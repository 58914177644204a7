import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { threadCount } from "../../lib/backend/threads";
import { multipliesBfloat16 } from "../../lib/backend/processor";
import type { PeakSpeed } from "../../lib/bench/peak-speed";
import { EXIT, InputError, RunError } from "../../lib/errors";
import { writeJsonAtomic } from "../../lib/storage/atomic-write";
import { PROJECT_ROOT } from "../../lib/storage/project-root";
import { PEER_CASES, peerCaseOf, type PeerCase } from "./bench-cases";
import {
  describeCase,
  geometricMean,
  PEAK_MEMORY_MEANS,
  timedFormats,
  type BenchReport,
} from "./bench-report";
import { compareCase, type Bench, type CaseComparison } from "./compare-case";
import { preparePeer, startPeer } from "./peer-python";
import { Side } from "./side";

/** `npm run bench`: this project and its peers on the same work, in turns. */

interface Flags {
  readonly case?: readonly string[];
  readonly list?: true;
  readonly json?: true;
  readonly quick?: true;
}

const THOROUGH = { rounds: 7, roundSec: 1 };
const QUICK = { rounds: 3, roundSec: 0.3 };

async function main(): Promise<void> {
  const program = new Command("bench")
    .description("Time this project beside PyTorch, NumPy, SciPy and nibabel on the same work.")
    .option("--case <name...>", "only these cases, or files of cases as synthmr bench reads them")
    .option("--list", "name the cases")
    .option("--json", "the result as JSON on stdout; all else on stderr")
    .option("--quick", "fewer repetitions");
  program.parse();
  const flags = program.opts<Flags>();
  const cases = chooseCases(flags.case);
  if (flags.list === true) {
    console.log(cases.map(({ name, peer }) => `${name.padEnd(24)} beside ${peer}`).join("\n"));
    return;
  }
  const say = (line: string): void => {
    if (flags.json === true) console.error(line);
    else console.log(line);
  };
  const report = await run(cases, flags.quick === true ? QUICK : THOROUGH, say);
  const path = join(PROJECT_ROOT, "runs", "bench", "bench.json");
  mkdirSync(join(PROJECT_ROOT, "runs", "bench"), { recursive: true });
  writeJsonAtomic(path, report);
  if (report.geometricMean !== null)
    say(
      `geometric mean of ${report.cases.length} ratios: ${report.geometricMean.toFixed(2)}; all of it: ${path}`,
    );
  if (flags.json === true) console.log(JSON.stringify(report));
  if (report.failures.length > 0) process.exitCode = EXIT.failed;
}

/** @throws InputError naming the cases there are, or if a file is not a case. */
function chooseCases(names: readonly string[] | undefined): readonly PeerCase[] {
  if (names === undefined) return PEER_CASES;
  return names.map((name) => {
    const found = PEER_CASES.find((candidate) => candidate.name === name);
    if (found !== undefined) return found;
    if (name.endsWith(".json")) return peerCaseOf(name);
    const known = PEER_CASES.map((candidate) => candidate.name).join(", ");
    throw new InputError(
      `case ${name}`,
      "is not known",
      `Choose a file that ends with .json, or of ${known}`,
    );
  });
}

async function run(
  cases: readonly PeerCase[],
  effort: Pick<Bench, "rounds" | "roundSec">,
  say: (line: string) => void,
): Promise<BenchReport> {
  const python = preparePeer(say);
  const threads = threadCount();
  const folder = mkdtempSync(join(tmpdir(), "synthmr-bench-"));
  const formats = timedFormats(multipliesBfloat16());
  const bench: Bench = {
    ...effort,
    folder,
    formats: formats.timed,
    startOwn,
    startPeer: () => startPeer(python, threads),
  };
  try {
    const peak = await measurePeaks(bench);
    say(
      `${cpus()[0]?.model ?? "processor"}, ${threads} threads: ${describePeak(peak)} in a large matrix product`,
    );
    say(`PyTorch is timed in ${formats.timed.join(" and ")}: ${formats.reason}`);
    say(PEAK_MEMORY_MEANS);
    const done: CaseComparison[] = [];
    const failures: { name: string; reason: string }[] = [];
    for (const peerCase of cases)
      try {
        const comparison = await compareCase(peerCase, bench);
        done.push(comparison);
        say(describeCase(comparison, peak));
      } catch (error) {
        if (!(error instanceof RunError || error instanceof InputError)) throw error;
        failures.push({ name: peerCase.name, reason: error.message });
        say(`${peerCase.name.padEnd(24)} failed: ${error.message}`);
      }
    return {
      machine: {
        processor: cpus()[0]?.model ?? "unknown",
        cores: availableParallelism(),
        threads,
        memoryGb: Math.round(totalmem() / 2 ** 30),
      },
      formats,
      peak,
      cases: done,
      failures,
      geometricMean: geometricMean(done.map(({ ratio }) => ratio)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** This side, by the same Node and loader as here. */
function startOwn(): Side {
  const command = [process.execPath, ...process.execArgv, join(__dirname, "own-side.ts")];
  return new Side("this side", command, { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" });
}

/** The best of both sides: what the machine can do at least. */
async function measurePeaks(bench: Bench): Promise<PeakSpeed> {
  const speeds: PeakSpeed[] = [];
  for (const start of [bench.startOwn, bench.startPeer]) {
    const side = start();
    try {
      speeds.push(await side.ask<PeakSpeed>({ do: "peak", formats: bench.formats }));
    } finally {
      await side.close();
    }
  }
  const half = speeds.flatMap(({ bfloat16 }) => bfloat16 ?? []);
  return {
    float32: Math.max(...speeds.map(({ float32 }) => float32)),
    bfloat16: half.length > 0 ? Math.max(...half) : null,
  };
}

function describePeak({ float32, bfloat16 }: PeakSpeed): string {
  const text = (value: number): string => `${(value / 1e9).toFixed(0)} GFLOP/s`;
  return `${text(float32)} in float32${bfloat16 === null ? "" : `, ${text(bfloat16)} in bfloat16`}`;
}

main().catch((error: unknown) => {
  const known = error instanceof InputError || error instanceof RunError;
  console.error(known ? `bench: ${error.message}` : error);
  process.exitCode = error instanceof InputError ? EXIT.usage : EXIT.failed;
});
