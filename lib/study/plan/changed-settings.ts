import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { readAnyRecord, type StageRecord } from "../stage";
import type { StudyStage } from "../study-stage";

/**
 * Why a stage is not finished although it once was: what its settings and inputs now have otherwise than in its
 * last record, one line each: `config.images: 12000, was 6000`. Empty where it never ran.
 */
export function changedSettings(runFolder: string, stage: StudyStage<unknown>): readonly string[] {
  const [latest] = recordsOf(runFolder, stage.name);
  if (latest === undefined || latest.key === stage.key) return [];
  // As JSON has them: what is undefined is not there.
  const settings: unknown = JSON.parse(JSON.stringify(stage.settings));
  return [
    ...differences(latest.settings, settings, ""),
    ...Object.entries(stage.inputs)
      .filter(([name, { key }]) => latest.inputs[name] !== key)
      .map(([name, input]) => `${name}: another ${input.name}`),
  ];
}

/** Records of a stage in a run, whatever their settings, the newest first. */
function recordsOf(runFolder: string, name: string): readonly StageRecord<unknown>[] {
  return foldersOf(runFolder, name)
    .flatMap((folder) => {
      const record = readAnyRecord(folder);
      return record?.stage === name ? [record] : [];
    })
    .reverse();
}

function foldersOf(runFolder: string, name: string): readonly string[] {
  try {
    return readdirSync(runFolder)
      .filter(
        (folder) => folder.startsWith(`${name}-`) && /^[0-9a-f]{8}$/.test(folder.slice(name.length + 1)),
      )
      .map((folder) => join(runFolder, folder))
      .sort((a, b) => modifiedAt(a) - modifiedAt(b) || (a < b ? -1 : 1));
  } catch {
    return []; // The run has no folder yet.
  }
}

function modifiedAt(folder: string): number {
  return statSync(folder).mtimeMs;
}

/** Fields in which two values differ, by their path. */
function differences(before: unknown, after: unknown, path: string): readonly string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isRecord(before) || !isRecord(after)) return [`${path}: ${text(after)}, was ${text(before)}`];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) =>
    differences(before[name], after[name], path === "" ? name : `${path}.${name}`),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
