let current: AbortController | null = null;

/**
 * A signal that aborts when the user next interrupts: the stop button of a notebook, or Ctrl-C. Work that
 * takes long asks for it when it starts, and stops after its step, with a checkpoint. All work under way
 * shares one signal; a second Ctrl-C on a terminal ends the process as ever.
 */
export function interruptSignal(): AbortSignal {
  if (current) return current.signal;
  const controller = new AbortController();
  current = controller;
  process.once("SIGINT", () => {
    current = null;
    controller.abort(new Error("interrupted"));
  });
  return controller.signal;
}
