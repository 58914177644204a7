import { durationText, progressText } from "../display/progress-text";
import type { ProgressListener, StageProgress } from "../study/progress";
import { TimeLeft, type AnnouncedStage } from "./time-left";

const REDRAW_SEC = 0.2;
const LINE_EVERY_SEC = 15;

/** Shows a run of stages on a terminal: a bar that moves on a TTY, a line now and then elsewhere. */
export class TerminalProgress implements ProgressListener {
  private readonly startedSec = clockSec();
  private readonly bar: boolean;
  private drawnAtSec = Number.NEGATIVE_INFINITY;
  private readonly timeLeft = new TimeLeft(this.startedSec);

  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {
    this.bar = stream.isTTY;
  }

  /** Says what will come. @param parallel Stages that run side by side. */
  plan(stages: readonly AnnouncedStage[], parallel = 1): void {
    this.timeLeft.plan(stages, parallel);
  }

  update(progress: StageProgress): void {
    const nowSec = clockSec();
    const elapsedSec = this.timeLeft.update(progress, nowSec);
    if (nowSec - this.drawnAtSec < (this.bar ? REDRAW_SEC : LINE_EVERY_SEC)) return;
    this.drawnAtSec = nowSec;
    const allSec = this.timeLeft.allSec(progress.label);
    const all = allSec === undefined ? "" : `; ${durationText(allSec)} in all`;
    const text = progressText({ ...progress, elapsedSec });
    this.write(`[${this.timeLeft.counter()}] ${progress.label}: ${text}${all}`, false);
  }

  finish(title: string, durationSec: number, reused: boolean): void {
    const counter = this.timeLeft.counter();
    this.timeLeft.finish(title, clockSec(), reused);
    const time = durationText(durationSec);
    this.write(`[${counter}] ${title}: ${reused ? `already there (took ${time})` : `done in ${time}`}`, true);
    this.drawnAtSec = Number.NEGATIVE_INFINITY;
  }

  /** A line of its own: a warning, where results are. */
  note(text: string): void {
    this.write(text, true);
  }

  /** Time since the start, seconds. */
  elapsedSec(): number {
    return clockSec() - this.startedSec;
  }

  private write(text: string, keep: boolean): void {
    if (!this.bar) this.stream.write(`${text}\n`);
    else
      this.stream.write(
        `\r\u001b[2K${text.slice(0, Math.max(20, this.stream.columns - 1))}${keep ? "\n" : ""}`,
      );
  }
}

function clockSec(): number {
  return performance.now() / 1000;
}
