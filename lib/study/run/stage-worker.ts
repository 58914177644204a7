/** Entry of a worker process: opens a run and computes the stages that it is told to, one at a time. */
import { startBackend } from "../../backend/start";
import { InputError, RunError } from "../../errors";
import type { ProgressListener } from "../progress";
import { provenance } from "../provenance";
import { Study } from "../study";
import type { Fault, FromWorker, ToWorker, WorkerContext } from "./worker-messages";

const stop = new AbortController();
let opened: Promise<Study> | undefined;

process.on("message", (message: ToWorker) => {
  if (message.kind === "open") opened = open(message.context);
  else if (message.kind === "run") void run(message.key);
  else stop.abort(new Error("stopped"));
});
// A terminal sends Ctrl-C to every process; whoever started this one says when to stop.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => {
  stop.abort(new Error("stopped"));
});
process.on("disconnect", () => {
  stop.abort(new Error("the main process has ended"));
});

async function open(context: WorkerContext): Promise<Study> {
  const backend = await startBackend();
  const progress: ProgressListener = {
    update: (state) => {
      send({ kind: "progress", progress: state });
    },
    finish: () => undefined,
  };
  const study = new Study(
    { ...context, progress, signal: stop.signal, provenance: () => provenance(backend) },
    backend,
  );
  send({ kind: "ready" });
  return study;
}

async function run(key: string): Promise<void> {
  try {
    const study = await opened;
    const stage = study?.stages.all().find((candidate) => candidate.key === key);
    if (study === undefined || stage === undefined) throw new Error(`no stage has the key ${key}`);
    const { durationSec } = await study.result(stage);
    send({ kind: "finished", key, title: stage.title, durationSec });
  } catch (error) {
    send({ kind: "failed", key, fault: faultOf(error), message: messageOf(error) });
  }
}

function faultOf(error: unknown): Fault {
  if (stop.signal.aborted) return "interrupted";
  if (error instanceof InputError) return "input";
  return error instanceof RunError ? "run" : "defect";
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return faultOf(error) === "defect" ? (error.stack ?? error.message) : error.message;
}

function send(message: FromWorker): void {
  // After the main process has ended there is nobody to tell.
  if (process.connected) process.send?.(message);
}
