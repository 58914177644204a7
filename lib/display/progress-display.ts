import { randomUUID } from "node:crypto";
import { h } from "../figures/markup";
import { cellOutput } from "./cell-host";
import type { MimeBundle } from "./displayable";
import { finishedText, progressText } from "./progress-text";
import type { Progress } from "./progress-text";

/** Shows how far some work is, where the user looks: in the running cell, or on the terminal. */
export interface ProgressDisplay {
  /** Says how much is done; shown at most four times a second. */
  update(done: number, total: number): void;
  /** Puts a line that stays in place of the bar: the count, the time and the rate where no text is given. */
  finish(text?: string): void;
}

export interface ProgressOptions {
  /** What is counted, in the plural; "steps" where left out. */
  readonly unit?: string;
  /** What was done before, by a run that this one resumes. */
  readonly doneAtStart?: number;
  /** Milliseconds from any origin; the clock of this process where left out. */
  readonly now?: () => number;
}

type Draw = (label: string, progress: Progress, finished: string | null) => void;

const REDRAW_MS = 250;
const LOG_LINE_MS = 15_000;

/**
 * Starts a progress display.
 *
 * @param label What is being done: "Training the generator".
 */
export function progressDisplay(label: string, options: ProgressOptions = {}): ProgressDisplay {
  const { unit = "steps", doneAtStart = 0, now = () => performance.now() } = options;
  const [draw, everyMs] = chooseDrawing();
  const startedAt = now();
  let drawnAt = Number.NEGATIVE_INFINITY;
  let progress: Progress = { done: doneAtStart, total: 0, unit, elapsedSec: 0, doneAtStart };
  return {
    update(done, total) {
      progress = { ...progress, done, total, elapsedSec: (now() - startedAt) / 1000 };
      if (now() - drawnAt < everyMs) return;
      drawnAt = now();
      draw(label, progress, null);
    },
    finish(text) {
      progress = { ...progress, elapsedSec: (now() - startedAt) / 1000 };
      draw(label, progress, text ?? finishedText(progress));
    },
  };
}

function chooseDrawing(): [Draw, number] {
  const output = cellOutput();
  if (output) {
    const id = randomUUID();
    let update = false;
    const draw: Draw = (...state) => {
      output(progressBundle(...state), { id, update });
      update = true;
    };
    return [draw, REDRAW_MS];
  }
  return process.stderr.isTTY ? [drawBar, REDRAW_MS] : [drawLine, LOG_LINE_MS];
}

/**
 * The display of a cell: a bar while the work goes on, then a line.
 *
 * @param finished The text of the line; null while the work goes on.
 */
export function progressBundle(label: string, progress: Progress, finished: string | null): MimeBundle {
  const text = `${label}: ${finished ?? progressText(progress)}`;
  const { done, total } = progress;
  const bar = h("progress", { max: total, value: done, style: "width: 20em" });
  const html = h("div", {}, ...(finished === null ? [bar, " "] : []), text);
  return { "text/html": html.source, "text/plain": text };
}

const drawBar: Draw = (label, progress, finished) => {
  const width = 24;
  const filled = progress.total > 0 ? Math.round((width * progress.done) / progress.total) : 0;
  const bar = `[${"#".repeat(filled)}${" ".repeat(Math.max(0, width - filled))}] `;
  const state = finished === null ? bar + progressText(progress) : `${finished}\n`;
  process.stderr.write(`\r\x1b[K${label}: ${state}`);
};

const drawLine: Draw = (label, progress, finished) => {
  process.stderr.write(`${label}: ${finished ?? progressText(progress)}\n`);
};
