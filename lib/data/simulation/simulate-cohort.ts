import { existsSync, readFileSync, rmSync } from "node:fs";
import { extname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { InputError } from "../../errors";
import { writeJsonAtomic } from "../../storage/atomic-write";
import { makeFolder } from "../../storage/make-folder";
import { writeCohortCard } from "../card/cohort-card";
import { loadAnatomy, type Anatomy } from "./anatomy";
import { checkRecipe, subjectId, type CohortRecipe } from "./cohort-recipe";
import type { SubjectJob, WorkerStart } from "./simulate-worker";
import { SRI24_ATTRIBUTION } from "./sri24-atlas";
import { partFolder } from "./write-subject";

export type { CohortRecipe } from "./cohort-recipe";

export interface SimulateOptions {
  readonly recipe: CohortRecipe;
  /** BraTS folder to make or to complete. */
  readonly folder: string;
  /** Threads; the bytes do not depend on it. */
  readonly workers: number;
  /** Which head to deform; the atlas where it is staged, by default. */
  readonly anatomy?: Anatomy["kind"];
  /** Voxel edge in mm; larger than 1 for tests and previews only. */
  readonly spacingMm?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface SimulatedCohort {
  readonly ids: readonly string[];
  readonly anatomy: Anatomy["kind"];
}

/**
 * Makes a cohort of simulated glioma patients. Subjects that stand in the folder already are kept, so that an
 * interrupted call is completed by the next one; a cohort can also be made larger.
 *
 * @returns The subjects, SIM_0001 first.
 * @throws InputError if the recipe is faulty, the folder holds another cohort, or it cannot be written.
 * @throws The signal's reason when aborted; whole subjects stay.
 */
export async function simulateCohort(options: SimulateOptions): Promise<SimulatedCohort> {
  const recipe = checkRecipe(options.recipe);
  if (!Number.isInteger(options.workers) || options.workers < 1)
    throw new InputError("workers", `must be an integer of at least 1, not ${options.workers}`);
  options.signal?.throwIfAborted();
  const anatomy = loadAnatomy(options.anatomy);
  claimFolder(options, recipe, anatomy.kind);
  const ids = Array.from({ length: recipe.subjects }, (_, i) => subjectId(i + 1));
  const missing = missingSubjects(options.folder, recipe.subjects);
  options.onProgress?.(ids.length - missing.length, ids.length);
  if (missing.length > 0) await makeSubjects(options, anatomy, missing);
  return { ids, anatomy: anatomy.kind };
}

/** Numbers of the subjects, of so many, that a cohort's folder does not hold yet. */
export function missingSubjects(folder: string, subjects: number): readonly number[] {
  const numbers = Array.from({ length: subjects }, (_, i) => i + 1);
  return numbers.filter((number) => !existsSync(join(folder, subjectId(number))));
}

/** Writes `cohort.json` and the card, or checks that the one there describes the same cohort. */
function claimFolder(options: SimulateOptions, recipe: CohortRecipe, kind: Anatomy["kind"]): void {
  const path = join(options.folder, "cohort.json");
  const spacingMm = options.spacingMm ?? 1;
  const identity = { name: recipe.name, version: recipe.version, seed: recipe.seed };
  const wanted = { anatomy: kind, spacingMm, ...identity };
  const before = readCohort(path);
  if (before !== undefined)
    for (const [field, value] of Object.entries(wanted)) {
      const found = field in identity ? before.recipe?.[field] : before[field as "anatomy" | "spacingMm"];
      if (found !== value)
        throw new InputError(
          `${path}: ${field}`,
          `is ${JSON.stringify(found)}, wanted ${JSON.stringify(value)}`,
          "Choose another folder",
        );
    }
  makeFolder(options.folder);
  const subjects = Math.max(recipe.subjects, Number(before?.recipe?.["subjects"] ?? 0));
  writeJsonAtomic(path, {
    simulated: true,
    description: "Simulated glioma patients; no image in this folder is of a person.",
    recipe: { ...recipe, subjects },
    anatomy: kind,
    spacingMm,
    attribution: kind === "sri24" ? SRI24_ATTRIBUTION : null,
    labels: { 0: "other", 1: "necrotic core and non-enhancing tumour", 2: "edema", 4: "enhancing tumour" },
  });
  writeCohortCard(options.folder, { ...recipe, subjects, anatomy: kind });
}

interface CohortFile {
  readonly recipe?: Readonly<Record<string, unknown>>;
  readonly anatomy?: unknown;
  readonly spacingMm?: unknown;
}

function readCohort(path: string): CohortFile | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8")) as CohortFile;
  } catch {
    throw new InputError(path, "is not valid JSON", "Remove the folder or choose another");
  }
}

/** Hands the subjects to worker threads, one at a time each, until all are written. */
async function makeSubjects(
  options: SimulateOptions,
  anatomy: Anatomy,
  missing: readonly number[],
): Promise<void> {
  const queue = [...missing];
  const { recipe, folder, spacingMm = 1 } = options;
  const start: WorkerStart = { recipe, folder, anatomy, spacingMm };
  const workers = Array.from({ length: Math.min(options.workers, missing.length) }, () => startWorker(start));
  let done = recipe.subjects - missing.length;
  const onDone = (): void => options.onProgress?.(++done, recipe.subjects);
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      reject(options.signal?.reason as Error);
    };
    options.signal?.addEventListener("abort", abort, { once: true });
  });
  try {
    await Promise.race([aborted, Promise.all(workers.map((worker) => serve(worker, queue, onDone)))]);
  } finally {
    if (abort !== undefined) options.signal?.removeEventListener("abort", abort);
    await Promise.all(workers.map((worker) => worker.terminate()));
    for (const number of missing)
      rmSync(partFolder(folder, subjectId(number)), { recursive: true, force: true });
  }
}

function startWorker(start: WorkerStart): Worker {
  const extension = extname(__filename);
  return new Worker(join(__dirname, `simulate-worker${extension}`), {
    execArgv: extension === ".ts" ? ["-r", "ts-node/register/transpile-only"] : [],
    workerData: start,
  });
}

/** Feeds one worker from the queue; ends when the queue is empty, fails when the worker does. */
function serve(worker: Worker, queue: number[], onDone: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const number = queue.shift();
      if (number === undefined) resolve();
      else worker.postMessage({ number } satisfies SubjectJob);
    };
    worker.on("message", (fault: readonly [string, string, string?] | null) => {
      if (fault !== null) {
        reject(new InputError(...fault));
        return;
      }
      onDone();
      next();
    });
    worker.on("error", reject);
    worker.on("exit", (code) => {
      reject(new Error(`a simulation worker ended with code ${code}`));
    });
    next();
  });
}
