import { setImmediate as nextTurn } from "node:timers/promises";
import { RunError } from "../../errors";
import { makeFolder } from "../../storage/make-folder";
import { readLatestCheckpoint, writeCheckpoint } from "./checkpoint";
import { EventFile } from "./event-file";
import { RunLog, type LogLine } from "./run-log";
import { firstNotFinite, type SavedState } from "./saved-state";

/** A training run, as far as the loop needs to know it. */
export interface TrainingTask {
  /** Where checkpoints and log are written. */
  readonly folder: string;
  /** Names the config: a checkpoint with another hash is refused. */
  readonly configHash: string;
  readonly totalSteps: number;
  /** Images seen before a step; with `totalSteps`, those of the whole run. */
  imagesBefore(step: number): number;
  /** The learning rate of a step, for the log. */
  learningRate(step: number): number;
  /** One step; its random draws and its batch depend on the index alone. @returns The loss before it. */
  step(index: number): number | Promise<number>;
  /** Other numbers for the log, means over the steps since it was last asked. */
  details?(): Readonly<Record<string, number>>;
  /** Called after each step, for what is done now and then: validation, sample sheets. */
  afterStep?(stepsDone: number): void | Promise<void>;
  /** Everything the next step depends on except its index. */
  save(): SavedState;
  restore(state: SavedState): void;
}

export interface LoopOptions {
  readonly checkpointEverySec: number;
  readonly logEverySteps: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoopProgress) => void;
}

export interface LoopProgress {
  readonly stepsDone: number;
  readonly totalSteps: number;
  readonly imagesSeen: number;
  readonly imagesPerSec: number;
  readonly loss: number;
}

export interface TrainingOutcome {
  readonly stepsDone: number;
  readonly imagesSeen: number;
  /** Training time over all resumed parts. */
  readonly durationSec: number;
  /** The step at which this part went on, 0 for a fresh run. */
  readonly resumedAt: number;
}

/** The loss or a part of the state became NaN or infinite. */
export class TrainingDivergedError extends RunError {
  override readonly name = "TrainingDivergedError";
}

/** The run was asked to stop; its state is in a checkpoint. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
}

/**
 * Runs a task to its last step, from its newest checkpoint if there is one. A run that was killed and
 * started again computes what an uninterrupted one would have: steps depend on their index and the saved
 * state only.
 *
 * @throws InterruptedError once `signal` is aborted and a checkpoint is written.
 * @throws TrainingDivergedError if a loss, or a weight when a checkpoint is due, is not finite; the last
 *   checkpoint stays.
 */
export async function runTraining(task: TrainingTask, options: LoopOptions): Promise<TrainingOutcome> {
  makeFolder(task.folder);
  const clock = new TrainingClock(task);
  const log = new RunLog(task.folder);
  log.truncateAfter(clock.stepsDone);
  const events = new EventFile(task.folder);
  events.write(log.read());
  let window = newWindow();
  let lastSave = Date.now();

  while (clock.stepsDone < task.totalSteps) {
    const loss = await task.step(clock.stepsDone);
    if (!Number.isFinite(loss))
      throw diverged(task, log, `the loss became ${loss} at step ${clock.stepsDone + 1}`);
    clock.countStep();
    await task.afterStep?.(clock.stepsDone);
    // Lets signals and display messages through between steps, before they are looked at.
    await nextTurn();
    window.losses += loss;
    window.steps++;
    const last = clock.stepsDone === task.totalSteps;
    if (last || clock.stepsDone % options.logEverySteps === 0) {
      const line = summariseWindow(task, clock, window);
      log.append(line);
      events.append(line);
      const { imagesSeen, imagesPerSec, loss: meanLoss } = line;
      const { stepsDone } = clock;
      const { totalSteps } = task;
      options.onProgress?.({ stepsDone, totalSteps, imagesSeen, imagesPerSec, loss: meanLoss });
      window = newWindow();
    }
    const stopped = options.signal?.aborted === true;
    if (last || stopped || Date.now() - lastSave > 1000 * options.checkpointEverySec) {
      const state = task.save();
      const broken = firstNotFinite(state);
      if (broken !== undefined)
        throw diverged(task, log, `${broken} is no longer finite after step ${clock.stepsDone}`);
      clock.save(state);
      lastSave = Date.now();
    }
    if (stopped && !last)
      throw new InterruptedError(
        `stopped after ${clock.stepsDone} of ${task.totalSteps} steps; run again to go on`,
      );
  }
  return clock.outcome();
}

/** Counts steps, images and time of a task, and writes and reads its checkpoints. */
class TrainingClock {
  readonly resumedAt: number;
  stepsDone: number;
  private readonly earlierSec: number;
  private readonly started = performance.now();

  constructor(private readonly task: TrainingTask) {
    const checkpoint = readLatestCheckpoint(task.folder, task.configHash);
    if (checkpoint !== undefined) task.restore(checkpoint.state);
    this.stepsDone = this.resumedAt = checkpoint?.progress.step ?? 0;
    this.earlierSec = checkpoint?.progress.durationSec ?? 0;
  }

  get imagesSeen(): number {
    return this.task.imagesBefore(this.stepsDone);
  }

  get durationSec(): number {
    return this.earlierSec + (performance.now() - this.started) / 1000;
  }

  countStep(): void {
    this.stepsDone++;
  }

  save(state: SavedState): void {
    const { stepsDone: step, imagesSeen, durationSec } = this;
    const progress = { step, imagesSeen, durationSec, configHash: this.task.configHash };
    writeCheckpoint(this.task.folder, progress, state);
  }

  outcome(): TrainingOutcome {
    const { stepsDone, imagesSeen, durationSec, resumedAt } = this;
    return { stepsDone, imagesSeen, durationSec, resumedAt };
  }
}

interface LogWindow {
  losses: number;
  steps: number;
  readonly since: number;
}

function newWindow(): LogWindow {
  return { losses: 0, steps: 0, since: performance.now() };
}

/** The means over the steps since the line before. */
function summariseWindow(task: TrainingTask, clock: TrainingClock, window: LogWindow): LogLine {
  const { stepsDone, imagesSeen, durationSec } = clock;
  const images = imagesSeen - task.imagesBefore(stepsDone - window.steps);
  return {
    step: stepsDone,
    imagesSeen,
    loss: window.losses / window.steps,
    learningRate: task.learningRate(stepsDone - 1),
    imagesPerSec: (1000 * images) / (performance.now() - window.since),
    durationSec,
    residentMb: Math.round(process.memoryUsage().rss / 2 ** 20),
    ...(task.details === undefined ? {} : { details: task.details() }),
  };
}

/** @param what What was seen, and at which step. */
function diverged(task: TrainingTask, log: RunLog, what: string): TrainingDivergedError {
  const recent = log.read().slice(-3);
  const seen = recent.map((line) => `${line.loss.toPrecision(4)} at step ${line.step}`).join(", ");
  const checkpoint = readLatestCheckpoint(task.folder, task.configHash);
  const good =
    checkpoint === undefined
      ? "no checkpoint was written before"
      : `last good checkpoint: ${checkpoint.path}`;
  return new TrainingDivergedError(
    `${what} of ${task.totalSteps}; mean losses before: ${seen === "" ? "none logged" : seen}; ${good}`,
  );
}
