import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import type { BenchCase } from "../../lib/bench/bench-case";
import { countOperations } from "../../lib/bench/count-operations";
import { openWorkload } from "../../lib/bench/open-workload";
import { peakMemory, resetPeakMemory } from "../../lib/bench/peak-memory";
import { measurePeak } from "../../lib/bench/peak-speed";
import { precisionOf } from "../../lib/bench/run-case";
import { timeRound, type StepKind } from "../../lib/bench/timing";
import type { Workload } from "../../lib/bench/workload";
import { writeSafetensors } from "../../lib/storage/safetensors";
import { openArrayTask } from "./array-tasks";
import type { ArrayTask } from "./bench-cases";
import { checkTensors, disturb } from "./check-tensors";
import type { Opened, Timed } from "./side";

/** This project's side of the benchmark: one case in a process of its own. See `Side` for how it is spoken to. */

type Request =
  | {
      readonly do: "open";
      readonly work: BenchCase | ArrayTask;
      readonly folder: string;
    }
  | { readonly do: "check" }
  | { readonly do: "peak" }
  | { readonly do: "time"; readonly seconds: number };

interface OpenCase {
  readonly kinds: readonly StepKind[];
  readonly opened: Opened;
  /** Leaves in the folder what the twin reads, and what this side finds. */
  check(): { readonly gradientValues: Record<string, number> };
}

let open: OpenCase | undefined;

async function answer(request: Request): Promise<unknown> {
  if (request.do === "open") {
    const info = await startBackend({ precision: precisionFor(request.work) });
    open =
      typeof request.work === "string"
        ? openArrays(request.work, request.folder)
        : openNetworks(request.work, request.folder, precisionOf(info, request.work.work));
    return open.opened;
  }
  if (request.do === "peak") {
    await startBackend();
    return measurePeak();
  }
  if (open === undefined) throw new Error("no case is open");
  return request.do === "check" ? open.check() : time(open, request.seconds);
}

/** A format that is named would be that of all products, of the outputs that are compared as well. */
function precisionFor(work: BenchCase | ArrayTask): "float32" | "auto" {
  return typeof work === "object" && work.precision === "float32" ? "float32" : "auto";
}

let counted = false;

function time({ kinds }: OpenCase, seconds: number): Timed & { readonly operations: number | null } {
  // The first run records the graphs, which shows their operations.
  const operations = counted ? null : countOperations(kinds);
  counted = true;
  resetPeakMemory();
  const times = timeRound(kinds, seconds);
  return { ...times, peakMemoryBytes: peakMemory(), operations };
}

function openNetworks(work: BenchCase, folder: string, precision: string): OpenCase {
  const workload = openWorkload(work.name, work);
  const { kinds, parameters, images } = workload;
  return {
    kinds,
    opened: { modes: [precision], parameters, operations: null, images },
    check: () => writeCheck(work, workload, folder),
  };
}

function writeCheck(
  work: BenchCase,
  workload: Workload,
  folder: string,
): { gradientValues: Record<string, number> } {
  mkdirSync(folder, { recursive: true });
  const settings: Record<string, unknown> = {};
  for (const [role, built] of workload.networks) {
    disturb(built.params, Rng.fromSeed(3).fork(role));
    writeSafetensors(join(folder, `${role}.safetensors`), { tensors: built.toReference(), metadata: {} });
    settings[role] = built.config;
  }
  writeFileSync(join(folder, "case.json"), JSON.stringify({ ...work, settings }));
  const { inputs, outputs, gradientValues } = checkTensors(work, workload);
  writeSafetensors(join(folder, "inputs.safetensors"), { tensors: inputs, metadata: {} });
  writeSafetensors(join(folder, "ours.safetensors"), { tensors: outputs, metadata: {} });
  return { gradientValues: Object.fromEntries(gradientValues) };
}

function openArrays(task: ArrayTask, folder: string): OpenCase {
  mkdirSync(folder, { recursive: true });
  const { run, results } = openArrayTask(task, folder);
  return {
    kinds: [{ name: task, share: 1, run }],
    opened: { modes: ["float32"], parameters: null, operations: null, images: null },
    check: () => {
      writeSafetensors(join(folder, "ours.safetensors"), { tensors: results(), metadata: {} });
      return { gradientValues: {} };
    },
  };
}

createInterface({ input: process.stdin }).on("line", (line) => {
  void answer(JSON.parse(line) as Request)
    .catch((error: unknown) => ({
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }))
    .then((result) => process.stdout.write(`${JSON.stringify(result)}\n`));
});
