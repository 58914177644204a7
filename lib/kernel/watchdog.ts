import { Session } from "node:inspector";
import { Socket } from "node:net";
import { workerData } from "node:worker_threads";
import { SHARED } from "./cell-protocol";

/**
 * Thread beside the one that runs the cells, which is deaf while a cell does not let go of it. It stops such a
 * cell when the kernel asks for it, and ends the process when the kernel has died.
 */

/** File descriptor of the line to the kernel. */
const KERNEL_LINE = 4;
/** Milliseconds that a cell has to notice an interruption by itself. */
const NOTICE_MS = 700;
/** The same for work that has looked at its AbortSignal of late: it will stop after its step. */
const COOPERATIVE_NOTICE_MS = 20_000;
const OF_LATE_SEC = 20;
const RETRY_MS = 300;

const shared = new Int32Array(workerData as SharedArrayBuffer);
const inspector = new Session();
inspector.connectToMainThread();

const line = new Socket({ fd: KERNEL_LINE, readable: true, writable: false });
line.on("data", (bytes) => {
  for (const byte of bytes) if (byte === "i".charCodeAt(0)) interrupt();
});
for (const event of ["end", "close", "error"]) line.on(event, endProcess);

/** The signal reaches the thread of the cells where it listens; where it does not, its script is ended. */
function interrupt(): void {
  // Who interrupts twice does not want to wait for a checkpoint.
  const isUrgent = Atomics.load(shared, SHARED.heeded) < Atomics.load(shared, SHARED.interrupts);
  const wanted = Atomics.add(shared, SHARED.interrupts, 1) + 1;
  signalGroup("SIGINT");
  const polledSec = Math.floor(Date.now() / 1000) - Atomics.load(shared, SHARED.polledAtSec);
  const patience = polledSec <= OF_LATE_SEC && !isUrgent ? COOPERATIVE_NOTICE_MS : NOTICE_MS;
  setTimeout(() => {
    terminateUntilHeeded(wanted);
  }, patience);
}

function terminateUntilHeeded(wanted: number): void {
  if (Atomics.load(shared, SHARED.heeded) >= wanted) return;
  inspector.post("Runtime.terminateExecution");
  // The cell may wait for a program that it has started since.
  signalGroup("SIGINT");
  setTimeout(() => {
    terminateUntilHeeded(wanted);
  }, RETRY_MS);
}

function endProcess(): void {
  signalGroup("SIGKILL");
}

/** To the process and all that cells have started, as a terminal does. */
function signalGroup(signal: NodeJS.Signals): void {
  try {
    process.kill(-process.pid, signal);
  } catch {
    process.kill(process.pid, signal);
  }
}
