import { existsSync } from "node:fs";
import { RunLog } from "../../training/loop/run-log";
import { readFinished, stageFolder, type StudyContext } from "../stage";
import { missingReason, type StudyStage } from "../study-stage";
import { changedSettings } from "./changed-settings";

/** A stage as a run would find it. */
export interface PlannedStage {
  readonly stage: StudyStage<unknown>;
  /** "missing" where it cannot run. */
  readonly state: "finished" | "started" | "waiting" | "missing";
  /** Seconds it took, or will take from now on; undefined where nothing is known. */
  readonly sec: number | undefined;
  /** Whether that was measured in this run, on itself or on others of its kind. */
  readonly measured: boolean;
  /** Images of a started training. */
  readonly imagesSeen: number;
  /** Why it cannot run. */
  readonly reason: string | undefined;
  /** What differs from its last record, where it ran with other settings. */
  readonly changes: readonly string[];
}

/** What of some stages is done, what would run, and how long it would take. Nothing runs. */
export function planStages(
  context: StudyContext,
  stages: readonly StudyStage<unknown>[],
): readonly PlannedStage[] {
  const finished = new Map(
    stages.flatMap((stage) => {
      const record = readFinished(context, stage);
      return record === undefined ? [] : [[stage.key, record.durationSec] as const];
    }),
  );
  const measured = measuredRates(stages, finished);
  // Copying what comes with the project takes no time worth telling.
  const rates = new Map([...Object.entries(context.profile.secPerImage), ...measured, ["shipped", 0]]);
  return stages.map((stage): PlannedStage => {
    const done = finished.get(stage.key);
    const reason = missingReason(stage);
    const plain = { stage, measured: measured.has(stage.work.kind), imagesSeen: 0, reason, changes: [] };
    if (done !== undefined) return { ...plain, state: "finished", sec: done, measured: true };
    if (reason !== undefined) return { ...plain, state: "missing", sec: undefined };
    const folder = stageFolder(context, stage);
    const imagesSeen = new RunLog(folder).read().at(-1)?.imagesSeen ?? 0;
    const rate = rates.get(stage.work.kind);
    return {
      ...plain,
      state: existsSync(folder) ? "started" : "waiting",
      sec: rate === undefined ? undefined : rate * Math.max(0, stage.work.images - imagesSeen),
      imagesSeen,
      changes: changedSettings(context.runFolder, stage),
    };
  });
}

/** Seconds of some planned stages that are still to be done, as if one ran after the other. */
export function secondsLeft(planned: readonly PlannedStage[]): {
  readonly sec: number;
  /** Stages of which no rate is known. */
  readonly unknown: number;
} {
  const left = planned.filter(({ state }) => state === "started" || state === "waiting");
  return {
    sec: left.reduce((sum, { sec = 0 }) => sum + sec, 0),
    unknown: left.filter(({ sec }) => sec === undefined).length,
  };
}

/** Seconds an image of each kind of work, as this run has measured it. */
function measuredRates(
  stages: readonly StudyStage<unknown>[],
  finished: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const totals = new Map<string, { sec: number; images: number }>();
  for (const { key, work } of stages) {
    const sec = finished.get(key);
    if (sec === undefined || work.images === 0) continue;
    const total = totals.get(work.kind) ?? { sec: 0, images: 0 };
    totals.set(work.kind, { sec: total.sec + sec, images: total.images + work.images });
  }
  return new Map([...totals].map(([kind, { sec, images }]) => [kind, sec / images]));
}
