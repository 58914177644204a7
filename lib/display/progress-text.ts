/** How far some work is. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  /** What is counted, in the plural: "images", "subjects". */
  readonly unit: string;
  readonly elapsedSec: number;
  /** What was done before this session, and must not count towards its rate. */
  readonly doneAtStart: number;
}

/** "1,200 of 4,000 images, 31 images/s, 1 min 30 s left". */
export function progressText(progress: Progress): string {
  const { done, total, unit } = progress;
  const rate = ratePerSec(progress);
  const parts = [`${grouped(done)} of ${grouped(total)} ${unit}`];
  if (rate > 0) parts.push(`${rateText(rate, unit)}`, `${durationText((total - done) / rate)} left`);
  return parts.join(", ");
}

/** "4,000 images in 2 min 10 s (31 images/s)". */
export function finishedText(progress: Progress): string {
  const { done, unit, elapsedSec } = progress;
  const rate = ratePerSec(progress);
  return `${grouped(done)} ${unit} in ${durationText(elapsedSec)}${rate > 0 ? ` (${rateText(rate, unit)})` : ""}`;
}

/** A duration as people say it: "8 s", "2 min 10 s", "1 h 5 min". */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function ratePerSec({ done, doneAtStart, elapsedSec }: Progress): number {
  return elapsedSec > 0 ? Math.max(0, done - doneAtStart) / elapsedSec : 0;
}

function rateText(rate: number, unit: string): string {
  return rate >= 1 ? `${Math.round(rate)} ${unit}/s` : `${(rate * 60).toPrecision(2)} ${unit}/min`;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
