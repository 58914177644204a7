/** Entry of a worker thread: makes one shard for each job that is posted to it. */
import { parentPort } from "node:worker_threads";
import { InputError } from "../errors";
import type { ShardAnswer } from "./shard-pool";
import { makeShard, type ShardJob } from "./subject-shard";

parentPort?.on("message", (job: ShardJob) => {
  parentPort?.postMessage(answer(job));
});

function answer(job: ShardJob): ShardAnswer {
  try {
    makeShard(job);
    return { kind: "done" };
  } catch (error) {
    if (error instanceof InputError)
      return { kind: "input", subject: error.subject, reason: error.reason, remedy: error.remedy };
    return { kind: "defect", stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
