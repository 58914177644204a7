import { parentPort, workerData } from "node:worker_threads";
import { InputError } from "../../errors";
import type { Anatomy } from "./anatomy";
import type { CohortRecipe } from "./cohort-recipe";
import { reducedFrame } from "./frame";
import { simulateSubject } from "./simulate-subject";
import { writeSubject } from "./write-subject";

/** What a worker thread needs before its first subject. */
export interface WorkerStart {
  readonly recipe: CohortRecipe;
  readonly folder: string;
  readonly anatomy: Anatomy;
  readonly spacingMm: number;
}

/** One subject to make; the answer is null, or the parts of an InputError. */
export interface SubjectJob {
  readonly number: number;
}

const { recipe, folder, anatomy, spacingMm } = workerData as WorkerStart;
const port = parentPort;

port?.on("message", ({ number }: SubjectJob) => {
  try {
    writeSubject(folder, simulateSubject(anatomy, recipe, number, reducedFrame(spacingMm)));
    port.postMessage(null);
  } catch (error) {
    // Classes do not survive the way between threads.
    if (!(error instanceof InputError)) throw error;
    port.postMessage([error.subject, error.reason]);
  }
});
