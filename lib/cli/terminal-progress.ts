import { durationText, progressText } from "../display/progress-text";
import type { ProgressListener, StageProgress } from "../study/progress";

/** A stage as the terminal announces it. */
export interface AnnouncedStage {
  readonly title: string;
  /** Seconds it usually takes one core; 0 where not known. */
  readonly expectedSec: number;
  /** Whether it works on as many cores as there are stages side by side; default: on one. */
  readonly allCores?: boolean;
}

const REDRAW_MS = 200;
const LINE_EVERY_MS = 15_000;

/**
 * Shows a run of stages on a terminal: a bar that moves on a TTY, a line now and then elsewhere. The
 * time left of running stages follows from their own pace; that of later ones from what they usually take,
 * corrected by how fast this machine was so far.
 */
export class TerminalProgress implements ProgressListener {
  private readonly started = performance.now();
  private readonly bar: boolean;
  private drawnAt = Number.NEGATIVE_INFINITY;
  /** Of what was done here, seconds of one core: what it usually takes, and what it took. */
  private expectedDone = 0;
  private spentDone = 0;
  private stages: readonly AnnouncedStage[] = [];
  private parallel = 1;
  private readonly done = new Set<string>();
  /** When a stage that runs was first heard of; in a row, when the one before it ended. */
  private readonly begun = new Map<string, number>();
  /** Seconds of one core that running stages still need, by their last report. */
  private readonly left = new Map<string, number>();
  private lastEnd = this.started;

  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {
    this.bar = stream.isTTY;
  }

  /** Says what will come. @param parallel Stages that run side by side. */
  plan(stages: readonly AnnouncedStage[], parallel = 1): void {
    this.stages = stages;
    this.parallel = parallel;
  }

  update(progress: StageProgress): void {
    const now = performance.now();
    const { label, done, total, doneAtStart } = progress;
    const elapsedSec = (now - this.begin(label, now)) / 1000;
    if (done > doneAtStart)
      this.left.set(label, (this.coresOf(label) * elapsedSec * (total - done)) / (done - doneAtStart));
    if (now - this.drawnAt < (this.bar ? REDRAW_MS : LINE_EVERY_MS)) return;
    this.drawnAt = now;
    const text = progressText({ ...progress, elapsedSec });
    this.write(`${this.counter()} ${label}: ${text}${this.allText(label)}`, false);
  }

  finish(title: string, durationSec: number, reused: boolean): void {
    const now = performance.now();
    const counter = this.counter();
    if (!reused) {
      this.expectedDone += this.stages.find((stage) => stage.title === title)?.expectedSec ?? 0;
      this.spentDone += (this.coresOf(title) * (now - (this.begun.get(title) ?? this.lastEnd))) / 1000;
    }
    if (this.stages.some((stage) => stage.title === title)) this.done.add(title);
    this.begun.delete(title);
    this.left.delete(title);
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
    const alone = this.parallel === 1 || this.coresOf(label) > 1;
    const start = alone ? this.lastEnd : now;
    this.begun.set(label, start);
    return start;
  }

  private counter(): string {
    return `[${Math.min(this.done.size + 1, this.stages.length)}/${this.stages.length}]`;
  }

  private coresOf(title: string): number {
    return this.stages.some((stage) => stage.title === title && stage.allCores === true) ? this.parallel : 1;
  }

  /** Time left of all stages, from the running ones' pace and what the later ones usually take. */
  private allText(label: string): string {
    const own = this.left.get(label);
    const others = this.stages.filter(({ title }) => title !== label && !this.done.has(title));
    if (own === undefined || others.every(({ expectedSec }) => expectedSec === 0)) return "";
    const pace = this.expectedDone > 10 ? this.spentDone / this.expectedDone : 1;
    const coreSec = others.reduce(
      (sum, { title, expectedSec }) => sum + (this.left.get(title) ?? pace * expectedSec),
      own,
    );
    return `; ${durationText(coreSec / this.parallel)} in all`;
  }

  private write(text: string, keep: boolean): void {
    if (!this.bar) this.stream.write(`${text}\n`);
    else
      this.stream.write(
        `\r\u001b[2K${text.slice(0, Math.max(20, this.stream.columns - 1))}${keep ? "\n" : ""}`,
      );
  }
}
