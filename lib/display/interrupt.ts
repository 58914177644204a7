import { cellHost } from "./cell-host";
import type { CellHost } from "./cell-host";

let onTerminal: AbortController | null = null;
let inNotebook: AbortSignal | null = null;

/**
 * A signal that aborts when the user interrupts: the stop button of a notebook, or Ctrl-C. Work that takes
 * long asks for it when it starts, and stops after its step, with a checkpoint. All work under way shares one
 * signal. In a notebook it is as new for the next cell; a second Ctrl-C on a terminal ends the process as ever.
 */
export function interruptSignal(): AbortSignal {
  const host = cellHost();
  if (host) return (inNotebook ??= cellSignal(host));
  if (onTerminal) return onTerminal.signal;
  const controller = new AbortController();
  onTerminal = controller;
  process.once("SIGINT", () => {
    onTerminal = null;
    controller.abort(new Error("interrupted"));
  });
  return controller.signal;
}

/** What opens a study in one cell and computes in another keeps its signal, so that the kernel says how it stands. */
function cellSignal(host: CellHost): AbortSignal {
  const { signal } = new AbortController();
  const reason = new Error("interrupted");
  process.on("SIGINT", () => {
    signal.dispatchEvent(new Event("abort"));
  });
  return Object.defineProperties(signal, {
    aborted: { get: () => host.interrupted() },
    reason: { get: () => (host.interrupted() ? reason : undefined) },
    throwIfAborted: {
      value: () => {
        if (host.interrupted()) throw reason;
      },
    },
  });
}
