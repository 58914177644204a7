import { extname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { threadCount } from "../../backend/threads";
import { augmentedBatch, type AugmentationJob } from "./augmentation-batch";
import type { AugmentationAnswer, AugmentationRequest } from "./augmentation-worker";
import type { SegmentationBatch } from "./segmentation-input";

/** More threads than this have never been needed to keep up with a step. */
const MOST_WORKERS = 4;

/** Threads that prepare batches where the caller does not say: one processor is left to the training itself. */
export function defaultWorkers(threads = threadCount()): number {
  return Math.max(0, Math.min(MOST_WORKERS, threads - 1));
}

export interface AugmentationQueueOptions {
  /** The job of a step: a pure function of its number. */
  readonly jobOf: (step: number) => AugmentationJob;
  readonly totalSteps: number;
  /** Threads; 0 prepares each batch when it is asked for, in the calling thread. */
  readonly workers: number;
}

interface PendingBatch {
  readonly batch: Promise<SegmentationBatch>;
  readonly settle: (batch: SegmentationBatch | Promise<SegmentationBatch>) => void;
  readonly worker: Worker;
}

/**
 * Batches prepared by worker threads while the steps before them run, at most one more than there are threads.
 * What a batch holds depends on its step alone, not on who prepared it, nor when. Where a thread cannot run, its
 * batches are prepared in the calling one.
 */
export class AugmentationQueue {
  private readonly workers: Worker[] = [];
  private readonly pending = new Map<number, PendingBatch>();

  private started = false;

  constructor(private readonly options: AugmentationQueueOptions) {}

  /** The batch of a step; those of the next steps are begun. Steps are asked for in order. */
  async batch(step: number): Promise<SegmentationBatch> {
    if (!this.started) for (let i = 0; i < this.options.workers; i++) this.startWorker();
    this.started = true;
    const last = Math.min(step + this.workers.length, this.options.totalSteps - 1);
    for (let next = step; next <= last; next++) if (!this.pending.has(next)) this.begin(next);
    try {
      return (await this.pending.get(step)?.batch) ?? this.prepare(step);
    } finally {
      this.pending.delete(step);
    }
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.workers.splice(0).map((worker) => worker.terminate()));
    this.pending.clear();
  }

  private prepare(step: number): SegmentationBatch {
    return augmentedBatch(this.options.jobOf(step));
  }

  private begin(step: number): void {
    const worker = this.workers[step % this.workers.length];
    if (worker === undefined) return;
    let settle: PendingBatch["settle"] = () => undefined;
    const batch = new Promise<SegmentationBatch>((resolve) => (settle = resolve));
    batch.catch(() => undefined); // A fault matters to whoever asks for the batch, and to nobody before.
    this.pending.set(step, { batch, settle, worker });
    const job = this.options.jobOf(step);
    const request: AugmentationRequest = { step, job };
    worker.postMessage(request, [job.pixels.buffer as ArrayBuffer]);
  }

  /** The same file as .ts under ts-node and as .js in the build. */
  private startWorker(): void {
    const extension = extname(__filename);
    const execArgv = extension === ".ts" ? ["-r", "ts-node/register/transpile-only"] : [];
    const worker = new Worker(join(__dirname, `augmentation-worker${extension}`), { execArgv });
    worker.on("message", ({ step, batch }: AugmentationAnswer) => {
      this.pending.get(step)?.settle(batch);
    });
    worker.on("error", (error) => {
      this.doWithout(worker, error);
    });
    this.workers.push(worker);
  }

  /** Prepares in this thread what a thread that failed had to; a defect shows itself here again. */
  private doWithout(worker: Worker, error: Error): void {
    const place = this.workers.indexOf(worker);
    if (place < 0) return; // the queue is closed
    this.workers.splice(place, 1);
    process.emitWarning(
      `a thread that prepares batches failed (${error.message}): they are prepared in the main thread`,
      "SynthmrWarning",
    );
    for (const [step, pending] of this.pending)
      if (pending.worker === worker) pending.settle(Promise.resolve().then(() => this.prepare(step)));
  }
}
