import { durationText, progressText } from "../display/progress-text";
import type { ProgressListener, StageProgress } from "../study/progress";

/** A stage as the terminal announces it. */
export interface PlannedStage {
  readonly title: string;
  /** Seconds it usually takes; 0 where not known. */
  readonly expectedSec: number;
}

const REDRAW_MS = 200;
const LINE_EVERY_MS = 15_000;

/**
 * Shows a run of stages on a terminal: a bar that moves on a TTY, a line now and then elsewhere. The
 * time left of the running stage follows from its own pace; that of later ones from what they usually take,
 * corrected by how fast this machine was so far.
 */
export class TerminalProgress implements ProgressListener {
  private readonly started = performance.now();
  private readonly bar: boolean;
  private drawnAt = Number.NEGATIVE_INFINITY;
  private expectedDone = 0;
  private spentDone = 0;
  private stages: readonly PlannedStage[] = [];
  private parallel = 1;
  private readonly done = new Set<string>();
  /** When a stage that runs was first heard of; in a row, when the one before it ended. */
  private readonly begun = new Map<string, number>();
  private lastEnd = this.started;

  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {
    this.bar = stream.isTTY;
  }

  /** Says what will come. @param parallel Stages that run side by side. */
  plan(stages: readonly PlannedStage[], parallel = 1): void {
    this.stages = stages;
    this.parallel = parallel;
  }

  update(progress: StageProgress): void {
    const now = performance.now();
    const { label, ...counts } = progress;
    const elapsedSec = (now - this.begin(label, now)) / 1000;
    if (now - this.drawnAt < (this.bar ? REDRAW_MS : LINE_EVERY_MS)) return;
    this.drawnAt = now;
    const text = progressText({ ...counts, elapsedSec });
    this.write(`${this.counter()} ${label}: ${text}${this.allText(progress, elapsedSec)}`, false);
  }

  finish(title: string, durationSec: number, reused: boolean): void {
    const now = performance.now();
    const counter = this.counter();
    if (!reused) {
      this.expectedDone += this.stages.find((stage) => stage.title === title)?.expectedSec ?? 0;
      this.spentDone += (now - (this.begun.get(title) ?? this.lastEnd)) / 1000;
    }
    if (this.stages.some((stage) => stage.title === title)) this.done.add(title);
    this.begun.delete(title);
    const time = durationText(durationSec);
    this.write(`${counter} ${title}: ${reused ? `already there (took ${time})` : `done in ${time}`}`, true);
    this.lastEnd = now;
    this.drawnAt = Number.NEGATIVE_INFINITY;
  }

  /** A line of its own: a warning, where results are. */
  note(text: string): void {
    this.write(text, true);
  }

  /** Time since the start, seconds. */
  elapsedSec(): number {
    return (performance.now() - this.started) / 1000;
  }

  private begin(label: string, now: number): number {
    const known = this.begun.get(label);
    if (known !== undefined) return known;
    const start = this.parallel === 1 ? this.lastEnd : now;
    this.begun.set(label, start);
    return start;
  }

  private counter(): string {
    return `[${Math.min(this.done.size + 1, this.stages.length)}/${this.stages.length}]`;
  }

  /** Time left of all stages, from the running one's pace and what the later ones usually take. */
  private allText({ label, done, total, doneAtStart }: StageProgress, elapsedSec: number): string {
    const later = this.stages
      .filter(({ title }) => title !== label && !this.done.has(title))
      .reduce((sum, { expectedSec }) => sum + expectedSec, 0);
    if (done <= doneAtStart || later === 0) return "";
    const stageSec = (elapsedSec * (total - done)) / (done - doneAtStart);
    const pace = this.expectedDone > 10 ? this.spentDone / this.expectedDone : 1;
    return `; ${durationText((stageSec + later * pace) / this.parallel)} in all`;
  }

  private write(text: string, keep: boolean): void {
    if (!this.bar) this.stream.write(`${text}\n`);
    else
      this.stream.write(
        `\r\u001b[2K${text.slice(0, Math.max(20, this.stream.columns - 1))}${keep ? "\n" : ""}`,
      );
  }
}
