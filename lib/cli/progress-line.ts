import { progressText, type Progress } from "../display/progress-text";

const REDRAW_MS = 200;
const LINE_EVERY_MS = 15_000;

/** How a long piece of work goes: on a terminal one changing line, elsewhere a line now and then. */
export class ProgressLine {
  private readonly started = performance.now();
  private shownAt = Number.NEGATIVE_INFINITY;
  private doneAtStart: number | undefined;
  private open = false;

  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {}

  /** @param note What else there is to say. */
  show(
    progress: Pick<Progress, "done" | "total" | "unit"> & { readonly doneAtStart?: number },
    note?: string,
  ): void {
    this.doneAtStart ??= progress.doneAtStart ?? progress.done;
    const now = performance.now();
    const bar = this.stream.isTTY;
    if (now - this.shownAt < (bar ? REDRAW_MS : LINE_EVERY_MS)) return;
    this.shownAt = now;
    const elapsedSec = (now - this.started) / 1000;
    const text = progressText({ ...progress, doneAtStart: this.doneAtStart, elapsedSec });
    const memory = `${(process.memoryUsage().rss / 2 ** 30).toFixed(1)} GB`;
    const line = [text, ...(note === undefined ? [] : [note]), memory].join("; ");
    this.stream.write(
      bar ? `\r\u001b[2K${line.slice(0, Math.max(20, this.stream.columns - 1))}` : `${line}\n`,
    );
    this.open = bar;
  }

  /** Leaves the line. */
  end(): void {
    if (this.open) this.stream.write("\n");
    this.open = false;
  }
}
