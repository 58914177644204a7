import { alignColumns } from "../../data/align-columns";
import { durationText } from "../../display/progress-text";
import { SLICE_CHANNELS } from "../../shape";
import type { Profile } from "../profile";
import type { PlannedStage, secondsLeft } from "./plan-stages";

/** A plan for people: a line a stage, then the sum. */
export function planText(
  profile: Profile,
  planned: readonly PlannedStage[],
  left: ReturnType<typeof secondsLeft>,
  parallel: number,
): string {
  const rows = planned.flatMap((stage) => [
    rowOf(stage),
    ...stage.changes.map((change) => ["", "", `  ${change}`]),
  ]);
  const toRun = planned.filter(({ state }) => state === "started" || state === "waiting").length;
  const finished = planned.filter(({ state }) => state === "finished").length;
  const lost = planned.filter(({ state }) => state === "missing").length;
  return [
    `profile ${profile.name}: ${profile.purpose}`,
    alignColumns([
      ["stage", "state", "time"],
      ...rows.map(([name = "", state = "", time = ""]) => [name, state, time]),
    ]),
    "",
    `${finished} of ${planned.length} stages finished, ${toRun} to run${lost === 0 ? "" : `, ${lost} cannot run`}`,
    timeText(left, toRun, parallel),
    `disk: about ${bytesText(imageBytes(profile, planned))} of drawn images`,
  ].join("\n");
}

/** How many stages of each kind are finished, and which are begun. */
export function statusText(planned: readonly PlannedStage[]): string {
  const kinds = [...new Set(planned.map(({ stage }) => stage.work.kind))];
  const rows = kinds.map((kind) => {
    const of = planned.filter(({ stage }) => stage.work.kind === kind);
    const count = (state: PlannedStage["state"]): string =>
      String(of.filter((one) => one.state === state).length);
    return [kind, String(of.length), count("finished"), count("started"), count("waiting"), count("missing")];
  });
  const begun = planned
    .filter(({ state }) => state === "started")
    .map((stage) => `${stage.stage.name}: ${stateText(stage)}`);
  return [
    alignColumns([["kind", "all", "finished", "begun", "waiting", "cannot run"], ...rows]),
    ...(begun.length === 0 ? [] : ["", ...begun]),
  ].join("\n");
}

function rowOf(planned: PlannedStage): readonly string[] {
  const { stage, state, sec, reason } = planned;
  if (state === "missing") return [stage.name, "cannot run", reason ?? ""];
  const time = sec === undefined ? "not known" : durationText(sec);
  return [stage.name, stateText(planned), state === "finished" ? `took ${time}` : time];
}

function stateText({ stage, state, imagesSeen, changes }: PlannedStage): string {
  if (state === "started" && stage.work.images > 0)
    return `begun, ${Math.round((100 * imagesSeen) / stage.work.images)} %`;
  if (state === "waiting") return changes.length > 0 ? "again, changed" : "to run";
  return state === "started" ? "begun" : state;
}

function timeText({ sec, unknown }: ReturnType<typeof secondsLeft>, toRun: number, parallel: number): string {
  if (toRun === 0) return "nothing to do";
  const part = unknown === 0 ? "" : `, and ${unknown} stages of which no rate is known yet`;
  const beside = parallel === 1 ? "one at a time" : `${parallel} side by side`;
  return `about ${durationText(sec / parallel)} (${beside}, at rates measured in this run or on the machine of environment.md)${part}`;
}

/** Bytes of the images that all generators shall draw. */
function imageBytes({ size, sampling }: Profile, planned: readonly PlannedStage[]): number {
  const sets = planned.filter(({ stage }) => stage.work.kind.startsWith("samples-")).length;
  return sets * sampling.images * size * size * SLICE_CHANNELS;
}

function bytesText(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)} MB` : `${(bytes / 2 ** 30).toFixed(1)} GB`;
}
