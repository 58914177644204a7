import { extname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { InputError } from "../errors";
import { makeShard, type ShardJob } from "./subject-shard";

/** What a worker thread answers; an InputError would lose its class on the way. */
export type ShardAnswer =
  | { readonly kind: "done" }
  | {
      readonly kind: "input";
      readonly subject: string;
      readonly reason: string;
      readonly remedy: string | undefined;
    }
  | { readonly kind: "defect"; readonly stack: string };

/**
 * Makes shards in worker threads, or in this one where one is enough, the first jobs first. After a fault no new job is begun, and the threads
 * are ended once none of them is in the middle of a file.
 *
 * @param onDone Called in this thread after each shard.
 * @throws The first fault, or the reason of `signal` once it is aborted.
 */
export async function makeShardsInParallel(
  jobs: readonly ShardJob[],
  workers: number,
  signal: AbortSignal | undefined,
  onDone: (job: ShardJob) => void,
): Promise<void> {
  if (!(Number.isSafeInteger(workers) && workers >= 1))
    throw new InputError(`${workers} workers`, "is not a positive whole number");
  if (Math.min(workers, jobs.length) <= 1) return makeShardsHere(jobs, signal, onDone);
  const queue = [...jobs];
  const faults: unknown[] = [];
  const work = async (): Promise<void> => {
    let worker: Worker | undefined;
    try {
      worker = startWorker();
      for (let job = queue.shift(); job !== undefined && faults.length === 0; job = queue.shift()) {
        signal?.throwIfAborted();
        await runJob(worker, job);
        onDone(job);
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

async function makeShardsHere(
  jobs: readonly ShardJob[],
  signal: AbortSignal | undefined,
  onDone: (job: ShardJob) => void,
): Promise<void> {
  for (const job of jobs) {
    await setImmediate(); // Lets an interrupt or a progress display have its turn.
    signal?.throwIfAborted();
    makeShard(job);
    onDone(job);
  }
}

/** The same file as .ts under ts-node and as .js in the build. */
function startWorker(): Worker {
  const extension = extname(__filename);
  const execArgv = extension === ".ts" ? ["-r", "ts-node/register/transpile-only"] : [];
  return new Worker(join(__dirname, `shard-worker${extension}`), { execArgv });
}

function runJob(worker: Worker, job: ShardJob): Promise<void> {
  return new Promise((resolve, reject) => {
    const onMessage = (answer: ShardAnswer): void => {
      stopListening();
      if (answer.kind === "done") resolve();
      else if (answer.kind === "input") reject(new InputError(answer.subject, answer.reason, answer.remedy));
      else reject(new Error(`preparing subject ${job.files.id} failed: ${answer.stack}`));
    };
    const onError = (error: Error): void => {
      stopListening();
      reject(error);
    };
    const onExit = (code: number): void => {
      stopListening();
      reject(new Error(`the thread that prepared subject ${job.files.id} ended with code ${code}`));
    };
    const stopListening = (): void => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
    };
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.postMessage(job);
  });
}
