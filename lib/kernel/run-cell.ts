import { OutputCollector } from "./cell-outputs";
import { errorFromText } from "./cell-error";
import type { CellError } from "./cell-error";
import { DeadKernelError } from "./kernel-process";
import type { KernelProcess } from "./kernel-process";
import type { Reply } from "./kernel-client";
import type { CodeCell, Output } from "./notebook-file";

/** How a cell ended. Where it did not end well, its last output is an error that says why. */
export interface CellEnd {
  readonly status: "ok" | "failed" | "interrupted" | "dead";
  /** One line for people; empty where the cell ended well. */
  readonly reason: string;
}

export interface CellLimits {
  /** Seconds that the cell may take; no limit where left out. */
  readonly timeoutSec?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

type ErrorOutput = Extract<Output, { output_type: "error" }>;
type StopReason = "time limit" | "interrupt";

/** Milliseconds that a cell has, once interrupted, to write what it needs to and end. */
const STOP_GRACE_MS = { "time limit": 5000, interrupt: 10_000 } as const;

/**
 * Runs one cell and puts its outputs into it as they come.
 *
 * @param onChange Called when an output of the cell, or a display of an earlier one, has changed.
 */
export async function runCell(
  kernel: KernelProcess,
  cell: CodeCell,
  collector: OutputCollector,
  limits: CellLimits,
  onChange: () => void,
): Promise<CellEnd> {
  const work = kernel.execute(cell.source, (message) => {
    if (collector.collect(cell, message)) onChange();
  });
  try {
    const [reply, stopped] = await withinLimits(kernel, work, limits);
    if (typeof reply?.execution_count === "number") cell.execution_count = reply.execution_count;
    if (stopped !== null) return endStopped(cell, stopped, limits.timeoutSec ?? 0);
    return reply?.status === "ok" ? { status: "ok", reason: "" } : endFailed(cell);
  } catch (error) {
    if (!(error instanceof DeadKernelError)) throw error;
    return failCell(cell, "dead", {
      ename: error.name,
      evalue: error.message,
      traceback: [error.message, error.log],
    });
  }
}

/** Waits for the reply. Past the limits the cell is interrupted; a kernel that does not heed that is killed. */
async function withinLimits(
  kernel: KernelProcess,
  work: Promise<Reply>,
  limits: CellLimits,
): Promise<[Reply | null, StopReason | null]> {
  const limit = stopRequest(limits);
  try {
    const first = await Promise.race([work, limit.requested]);
    if (typeof first !== "string") return [first, null];
    kernel.interrupt();
    const grace = startTimer(STOP_GRACE_MS[first]);
    const reply = await Promise.race([work, grace.done]);
    grace.cancel();
    if (reply === undefined) kernel.kill();
    return [reply ?? null, first];
  } finally {
    limit.cancel();
  }
}

function stopRequest({ timeoutSec, signal }: CellLimits): {
  requested: Promise<StopReason>;
  cancel: () => void;
} {
  const cancels: (() => void)[] = [];
  const requested = new Promise<StopReason>((resolve) => {
    const interrupt = (): void => {
      resolve("interrupt");
    };
    if (signal?.aborted) interrupt();
    signal?.addEventListener("abort", interrupt);
    cancels.push(() => signal?.removeEventListener("abort", interrupt));
    if (timeoutSec === undefined) return;
    const timer = startTimer(timeoutSec * 1000);
    void timer.done.then(() => {
      resolve("time limit");
    });
    cancels.push(timer.cancel);
  });
  return {
    requested,
    cancel: () => {
      for (const cancel of cancels) cancel();
    },
  };
}

function startTimer(milliseconds: number): { done: Promise<undefined>; cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const done = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  return {
    done,
    cancel: () => {
      clearTimeout(timer);
    },
  };
}

function endStopped(cell: CodeCell, stopped: StopReason, timeoutSec: number): CellEnd {
  // The kernel's own word on the interruption says less than the reason for it.
  cell.outputs = cell.outputs.filter(({ output_type }) => output_type !== "error");
  if (stopped === "interrupt")
    return failCell(cell, "interrupted", { ename: "Interrupted", evalue: "interrupted", traceback: [] });
  const evalue = `stopped at the time limit of ${timeoutSec} s`;
  return failCell(cell, "failed", { ename: "TimeLimit", evalue, traceback: [] });
}

/** A plain tslab kernel tells an error only as text; the notebook gets an error output all the same. */
function endFailed(cell: CodeCell): CellEnd {
  const told = cell.outputs.find((output): output is ErrorOutput => output.output_type === "error");
  if (told) return { status: "failed", reason: oneLine(told) };
  const text = cell.outputs.at(-1);
  const isText = text?.output_type === "stream" && text.name === "stderr";
  if (isText) cell.outputs.pop();
  return failCell(cell, "failed", errorFromText(isText ? text.text : "the cell failed without a message"));
}

/** Puts an error into a cell. */
export function failCell(cell: CodeCell, status: CellEnd["status"], error: CellError): CellEnd {
  const heading = `${error.ename}: ${error.evalue}`;
  const traceback = error.traceback.length > 0 ? [...error.traceback] : [heading];
  cell.outputs.push({ output_type: "error", ename: error.ename, evalue: error.evalue, traceback });
  return { status, reason: oneLine(error) };
}

function oneLine({ ename, evalue }: { ename: string; evalue: string }): string {
  const [line = ""] = evalue.split("\n");
  return ename === "Error" || ename === "TimeLimit" || ename === "Interrupted" || ename === "DeadKernelError"
    ? line
    : `${ename}: ${line}`;
}
