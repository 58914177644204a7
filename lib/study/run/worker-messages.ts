import type { StageProgress } from "../progress";
import type { StudyContext } from "../stage";

/** What a worker process needs to open the same run: all of the context that is plain data. */
export type WorkerContext = Omit<StudyContext, "progress" | "signal" | "provenance">;

/** To a worker: what it shall do. */
export type ToWorker =
  | { readonly kind: "open"; readonly context: WorkerContext }
  | { readonly kind: "run"; readonly key: string }
  /** Leave a checkpoint and end. */
  | { readonly kind: "stop" };

/** How a stage ended that did not end well. */
export type Fault = "input" | "run" | "defect" | "interrupted";

/** From a worker: how it goes. */
export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "progress"; readonly progress: StageProgress }
  | { readonly kind: "finished"; readonly key: string; readonly title: string; readonly durationSec: number }
  | { readonly kind: "failed"; readonly key: string; readonly fault: Fault; readonly message: string };

/** What of a context can be sent to another process. */
export function plainContext(context: StudyContext): WorkerContext {
  const { profile, runFolder, dataFolder, workers, userCohort, publishedSamples, inceptionWeights } = context;
  return {
    profile,
    runFolder,
    dataFolder,
    workers,
    ...(userCohort === undefined ? {} : { userCohort }),
    ...(publishedSamples === undefined ? {} : { publishedSamples }),
    ...(inceptionWeights === undefined ? {} : { inceptionWeights }),
  };
}
