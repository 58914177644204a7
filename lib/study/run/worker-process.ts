import { fork, type ChildProcess } from "node:child_process";
import { extname, join } from "node:path";
import { InputError, RunError } from "../../errors";
import type { StageProgress } from "../progress";
import type { StudyStage } from "../study-stage";
import type { Fault, FromWorker, ToWorker, WorkerContext } from "./worker-messages";

/** A stage that a worker has finished. */
export interface WorkerResult {
  readonly title: string;
  readonly durationSec: number;
}

interface Waiting {
  readonly key: string;
  readonly resolve: (result: WorkerResult) => void;
  readonly reject: (error: unknown) => void;
}

/** A stage could not be computed in a worker process. */
export class StageError extends RunError {
  override readonly name = "StageError";

  constructor(
    readonly stage: string,
    readonly fault: Fault,
    message: string,
  ) {
    super(`${stage}: ${message}`);
  }
}

/** A process of its own that computes one stage after the other with few threads. */
export class WorkerProcess {
  private readonly child: ChildProcess;
  private waiting: Waiting | undefined;

  /**
   * @param threads Threads of one operation.
   * @param onProgress Told how far the running stage is.
   */
  constructor(context: WorkerContext, threads: number, onProgress: (progress: StageProgress) => void) {
    const extension = extname(__filename);
    this.child = fork(join(__dirname, `stage-worker${extension}`), {
      // The same file as .ts under ts-node and as .js in the build.
      execArgv: extension === ".ts" ? ["-r", "ts-node/register/transpile-only"] : [],
      env: { ...process.env, TF_NUM_INTRAOP_THREADS: String(threads), SYNTHMR_WARNED: "1" },
      // What a library prints must not mix with results on the standard output.
      stdio: ["ignore", process.stderr, process.stderr, "ipc"],
    });
    this.child.on("message", (message: FromWorker) => {
      if (message.kind === "progress") onProgress(message.progress);
      else if (message.kind !== "ready") this.end(message);
    });
    this.child.on("exit", (code, signal) => {
      this.waiting?.reject(
        new StageError("worker process", "defect", `ended early (${signal ?? `exit code ${code ?? 0}`})`),
      );
      this.waiting = undefined;
    });
    this.tell({ kind: "open", context });
  }

  /**
   * Computes a stage whose inputs are finished.
   *
   * @throws InputError or StageError if it cannot be computed; the latter, too, if it was stopped.
   */
  run(stage: StudyStage<unknown>): Promise<WorkerResult> {
    return new Promise((resolve, reject) => {
      const explain = (error: unknown): void => {
        if (!(error instanceof StageError)) reject(error as Error);
        else if (error.fault === "input") reject(new InputError(stage.name, error.message));
        else reject(new StageError(stage.name, error.fault, error.message));
      };
      this.waiting = { key: stage.key, resolve, reject: explain };
      if (this.child.connected) this.tell({ kind: "run", key: stage.key });
      else this.waiting.reject(new StageError("worker process", "defect", "is not running"));
    });
  }

  /** Asks the process to leave a checkpoint and to stop what it does. */
  stop(): void {
    if (this.child.connected) this.tell({ kind: "stop" });
  }

  /** Lets the process end once it is idle. */
  close(): void {
    if (this.child.connected) this.child.disconnect();
  }

  private end(message: Exclude<FromWorker, { readonly kind: "ready" | "progress" }>): void {
    const { waiting } = this;
    if (waiting?.key !== message.key) return;
    this.waiting = undefined;
    if (message.kind === "finished") waiting.resolve(message);
    else waiting.reject(new StageError("", message.fault, message.message));
  }

  private tell(message: ToWorker): void {
    this.child.send(message);
  }
}
