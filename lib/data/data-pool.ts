import { extname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { InputError } from "../errors";
import { DATA_TASKS, type DataTask, type JobOf, type ResultOf } from "./data-tasks";

/** What a worker thread is asked. */
export interface DataRequest {
  readonly task: DataTask;
  readonly job: unknown;
}

/** What it answers; an InputError would lose its class on the way. */
export type DataAnswer =
  | { readonly kind: "done"; readonly result: unknown }
  | {
      readonly kind: "input";
      readonly subject: string;
      readonly reason: string;
      readonly remedy: string | undefined;
    }
  | { readonly kind: "defect"; readonly stack: string };

export interface PoolOptions {
  /** Threads; 1 works in the calling thread. */
  readonly workers: number;
  /** Stops between jobs. */
  readonly signal?: AbortSignal;
}

/**
 * Does a task for each job, in worker threads, or in this one where one is enough, the first jobs first. After a
 * fault no new job is begun, and the threads are ended once none of them is in the middle of a job.
 *
 * @param onDone Called in this thread after each job, with its result and its place among the jobs.
 * @throws The first fault, or the reason of `signal` once it is aborted.
 */
export async function runDataTask<T extends DataTask>(
  task: T,
  jobs: readonly JobOf<T>[],
  { workers, signal }: PoolOptions,
  onDone: (result: ResultOf<T>, place: number) => void,
): Promise<void> {
  if (!(Number.isSafeInteger(workers) && workers >= 1))
    throw new InputError(`${workers} workers`, "is not a positive whole number");
  const queue = jobs.entries();
  if (Math.min(workers, jobs.length) <= 1) {
    const run = DATA_TASKS[task] as (job: JobOf<T>) => ResultOf<T>;
    for (const [place, job] of queue) {
      await setImmediate(); // Lets an interrupt or a progress display have its turn.
      signal?.throwIfAborted();
      onDone(run(job), place);
    }
    return;
  }
  const faults: unknown[] = [];
  const work = async (): Promise<void> => {
    let worker: Worker | undefined;
    try {
      worker = startWorker();
      for (let next = queue.next(); !next.done && faults.length === 0; next = queue.next()) {
        signal?.throwIfAborted();
        const [place, job] = next.value;
        onDone((await ask(worker, { task, job })) as ResultOf<T>, place);
      }
    } catch (error) {
      faults.push(error);
    } finally {
      await worker?.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, work));
  if (faults.length > 0) throw faults[0];
}

/** The same file as .ts under ts-node and as .js in the build. */
function startWorker(): Worker {
  const extension = extname(__filename);
  const execArgv = extension === ".ts" ? ["-r", "ts-node/register/transpile-only"] : [];
  return new Worker(join(__dirname, `data-worker${extension}`), { execArgv });
}

function ask(worker: Worker, request: DataRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onMessage = (answer: DataAnswer): void => {
      stopListening();
      if (answer.kind === "done") resolve(answer.result);
      else if (answer.kind === "input") reject(new InputError(answer.subject, answer.reason, answer.remedy));
      else reject(new Error(`the task "${request.task}" failed in its thread: ${answer.stack}`));
    };
    const onError = (error: Error): void => {
      stopListening();
      reject(error);
    };
    const onExit = (code: number): void => {
      stopListening();
      reject(new Error(`the thread of the task "${request.task}" ended with code ${code}`));
    };
    const stopListening = (): void => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
    };
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.postMessage(request);
  });
}
