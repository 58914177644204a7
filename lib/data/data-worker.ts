/** Entry of a worker thread: does one task for each job that is posted to it. */
import { parentPort } from "node:worker_threads";
import { InputError } from "../errors";
import type { DataAnswer, DataRequest } from "./data-pool";
import { DATA_TASKS } from "./data-tasks";

parentPort?.on("message", (request: DataRequest) => {
  parentPort?.postMessage(answer(request));
});

function answer({ task, job }: DataRequest): DataAnswer {
  try {
    const run = DATA_TASKS[task] as (job: unknown) => unknown;
    return { kind: "done", result: run(job) };
  } catch (error) {
    if (error instanceof InputError)
      return { kind: "input", subject: error.subject, reason: error.reason, remedy: error.remedy };
    return { kind: "defect", stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
