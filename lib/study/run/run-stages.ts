import { threadCount } from "../../backend/threads";
import { InputError, RunError } from "../../errors";
import { readFinished } from "../stage";
import { missingReason, type StudyStage } from "../study-stage";
import type { Study } from "../study";
import { plainContext } from "./worker-messages";
import { StageError, WorkerProcess } from "./worker-process";

const OWN_THREADS: readonly string[] = ["cohort", "slices"];

/** Whether a stage uses several threads itself, in the main process, while no other stage runs. */
export function usesAllCores({ name }: StudyStage<unknown>): boolean {
  return OWN_THREADS.includes(name);
}

/** Memory that a worker process is given, bytes: what the stages of the small profiles have needed at most. */
const WORKER_BYTES = 2 * 2 ** 30;

/** How a run of several stages ended. */
export interface StagesOutcome {
  /** Stages that cannot run, with the reason: weights that do not come with the project. */
  readonly missing: readonly { readonly stage: string; readonly reason: string }[];
}

/** Processes that run side by side where the caller does not say: one a core, as far as the memory goes. */
export function defaultParallel(freeBytes: number, threads = threadCount()): number {
  return Math.max(1, Math.min(threads, Math.floor(freeBytes / WORKER_BYTES)));
}

/**
 * Computes stages, each after those that it starts from; several at a time in processes of their own. What cannot
 * run is left out and told; where a stage fails, the others that do not need it still run.
 *
 * @param stages With everything that they start from, inputs first.
 * @throws The reason of the run's signal once it is aborted and every running stage has left a checkpoint.
 * @throws InputError or RunError if stages failed, once the others are done.
 */
export async function runStages(
  study: Study,
  stages: readonly StudyStage<unknown>[],
  parallel: number,
): Promise<StagesOutcome> {
  const missing = stages.flatMap((stage) => {
    const reason = missingReason(stage);
    return reason === undefined ? [] : [{ stage: stage.name, reason }];
  });
  const runnable = stages.filter((stage) => missingReason(stage) === undefined);
  const { context } = study;
  const here = runnable.filter(usesAllCores);
  for (const stage of here) await study.result(stage);
  const waiting = runnable.filter((stage) => {
    if (here.includes(stage)) return false;
    const known = readFinished(context, stage);
    if (known !== undefined) context.progress.finish(stage.title, known.durationSec, true);
    return known === undefined;
  });
  const queue = new StageQueue(waiting);
  const run = parallel <= 1 ? inThisProcess : inProcesses;
  await run(study, queue, Math.min(parallel, waiting.length));
  context.signal?.throwIfAborted();
  queue.throwFailures();
  return { missing };
}

/** Stages that are still to be computed, and which of them can be begun. */
class StageQueue {
  private readonly open: Set<StudyStage<unknown>>;
  private readonly running = new Set<string>();
  private readonly failures: unknown[] = [];

  constructor(stages: readonly StudyStage<unknown>[]) {
    this.open = new Set(stages);
  }

  /** Takes the first stage that waits for no other. */
  take(): StudyStage<unknown> | undefined {
    const unfinished = new Set([...[...this.open].map(({ key }) => key), ...this.running]);
    for (const stage of this.open)
      if (Object.values(stage.inputs).every(({ key }) => !unfinished.has(key))) {
        this.open.delete(stage);
        this.running.add(stage.key);
        return stage;
      }
    return undefined;
  }

  /** Whether a stage is left that waits for a running one. */
  get isWaiting(): boolean {
    return this.open.size > 0;
  }

  finish({ key }: StudyStage<unknown>): void {
    this.running.delete(key);
  }

  /** Leaves out what needs the stage. */
  fail(stage: StudyStage<unknown>, error: unknown): void {
    this.running.delete(stage.key);
    this.failures.push(error);
    const lost = new Set([stage.key]);
    for (const other of this.open)
      if (Object.values(other.inputs).some(({ key }) => lost.has(key))) {
        lost.add(other.key);
        this.open.delete(other);
      }
  }

  throwFailures(): void {
    const [first, ...others] = this.failures;
    if (first === undefined) return;
    const defect = this.failures.find((error) => !(error instanceof InputError || error instanceof RunError));
    if (defect !== undefined || others.length === 0) throw (defect ?? first) as Error;
    throw new RunError(this.failures.map((error) => (error as Error).message).join("\n"));
  }
}

async function inThisProcess(study: Study, queue: StageQueue): Promise<void> {
  for (let stage = queue.take(); stage !== undefined; stage = queue.take())
    try {
      await study.result(stage);
      queue.finish(stage);
    } catch (error) {
      if (study.context.signal?.aborted === true) return;
      queue.fail(stage, error);
    }
}

async function inProcesses(study: Study, queue: StageQueue, processes: number): Promise<void> {
  const { progress, signal } = study.context;
  const threads = Math.max(1, Math.floor(threadCount() / processes));
  const workers = Array.from(
    { length: processes },
    () =>
      new WorkerProcess({ ...plainContext(study.context), workers: threads }, threads, (state) => {
        progress.update(state);
      }),
  );
  const stop = (): void => {
    for (const worker of workers) worker.stop();
  };
  signal?.addEventListener("abort", stop);
  const turn = new Turn();
  try {
    await Promise.all(workers.map((worker) => work(worker, study, queue, turn)));
  } finally {
    signal?.removeEventListener("abort", stop);
    for (const worker of workers) worker.close();
  }
}

/** One worker's part: stages as long as there are any; waits where all that are left wait for others. */
async function work(worker: WorkerProcess, study: Study, queue: StageQueue, turn: Turn): Promise<void> {
  const { progress, signal } = study.context;
  for (;;) {
    if (signal?.aborted === true) return;
    const stage = queue.take();
    if (stage === undefined) {
      if (!queue.isWaiting) return;
      await turn.next();
      continue;
    }
    try {
      const { title, durationSec } = await worker.run(stage);
      progress.finish(title, durationSec, false);
      queue.finish(stage);
    } catch (error) {
      if (!(error instanceof StageError && error.fault === "interrupted")) queue.fail(stage, error);
      else queue.finish(stage);
    }
    turn.pass();
  }
}

/** Wakes whoever waits for a stage to end. */
class Turn {
  private waiting: (() => void)[] = [];

  next(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  pass(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }
}
