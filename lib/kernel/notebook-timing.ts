import { z } from "zod";
import type { CodeCell, Notebook } from "./notebook-file";

/** When something ran and how it ended, under papermill's names: times in ISO 8601, duration in seconds. */
export interface Timing {
  readonly start_time: string;
  readonly end_time: string;
  readonly duration: number;
  readonly exception: boolean;
  readonly status: "completed" | "failed";
}

const MEASURED = z.object({
  papermill: z.object({ duration: z.number().nonnegative(), status: z.literal("completed") }),
});

/** Starts a clock; calling the result gives the timing up to then. */
export function startTiming(): (succeeded: boolean) => Timing {
  const start = new Date();
  const started = performance.now();
  return (succeeded) => ({
    start_time: start.toISOString(),
    end_time: new Date().toISOString(),
    duration: Math.round(performance.now() - started) / 1000,
    exception: !succeeded,
    status: succeeded ? "completed" : "failed",
  });
}

/** Keeps a timing where papermill keeps it, with what else it says of a notebook. */
export function recordTiming(
  target: { metadata: Record<string, unknown> },
  timing: Timing,
  more: Readonly<Record<string, unknown>> = {},
): void {
  target.metadata.papermill = { ...timing, ...more };
}

/** Forgets the timings of an earlier run, so that a cell that did not run shows none. */
export function clearTimings(notebook: Notebook): void {
  for (const { metadata } of [notebook, ...notebook.cells]) delete metadata.papermill;
}

/**
 * How long the rest of a notebook took when it was last run.
 *
 * @param cells All code cells, with the timings of that run.
 * @returns For each cell, the seconds from its start to the end; null where a later cell was not measured.
 */
export function remainingSeconds(cells: readonly CodeCell[]): (number | null)[] {
  const durations = cells.map(
    ({ metadata }) => MEASURED.safeParse(metadata).data?.papermill.duration ?? null,
  );
  return durations.map((_, start) =>
    durations
      .slice(start)
      .reduce<number | null>(
        (sum, duration) => (sum === null || duration === null ? null : sum + duration),
        0,
      ),
  );
}
