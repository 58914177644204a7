import { InvalidArgumentError } from "commander";
import { EXIT } from "../errors";

/** Does something that stops at Ctrl-C and goes on from there when it is asked again. */
export async function interruptible(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const interrupt = new AbortController();
  const onInterrupt = (): void => {
    interrupt.abort(new Error("interrupted"));
  };
  process.once("SIGINT", onInterrupt);
  try {
    await work(interrupt.signal);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    console.error("synthmr: interrupted; run again to go on from here");
    process.exitCode = EXIT.interrupted;
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}

/** A whole number of at least 1. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("Expected a whole number.");
  return value;
}

/** A seed: a whole number from 0. */
export function seedNumber(text: string): number {
  const seed = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(seed) || seed < 0)
    throw new InvalidArgumentError("Expected a whole number from 0.");
  return seed;
}

/** Progress goes to the standard error, as one changing line on a terminal and not at all elsewhere. */
export function progress(verb: string, unit: string): (done: number, total: number) => void {
  return (done, total) => {
    if (!process.stderr.isTTY) return;
    process.stderr.write(`\r${verb} ${done} of ${total} ${unit}${done === total ? "\n" : ""}`);
  };
}
