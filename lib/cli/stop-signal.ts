import { EXIT } from "../errors";

/**
 * Aborts at the first SIGINT or SIGTERM, so that a checkpoint is written. A later one ends the process at
 * once; one within a second is the same Ctrl-C, which npm passes on a second time.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const stop = (name: string): void => {
    const now = performance.now();
    if (firstAt !== undefined && now - firstAt > 1000) process.exit(EXIT.interrupted);
    firstAt ??= now;
    controller.abort(new Error(`stopped by ${name}`));
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, stop);
  return controller.signal;
}
