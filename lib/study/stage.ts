import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import type { GeneratorName } from "../generators/generator-config";
import { explainFileError } from "../errors";
import { writeJsonAtomic } from "../storage/atomic-write";
import { contentHash } from "../storage/content-hash";
import { withLock } from "../storage/lock";
import { makeFolder } from "../storage/make-folder";
import { peakMemoryBytes, resetPeakMemory } from "./peak-memory";
import type { Profile } from "./profile";
import type { ProgressListener, StageProgress } from "./progress";
import { provenanceSchema, type Provenance } from "./provenance";
import type { PublishedSamples } from "./published-samples";
import type { UserCohort } from "./user-cohort";

/** What every stage of a study gets. */
export interface StudyContext {
  readonly profile: Profile;
  /** Everything that the study writes stands below it. */
  readonly runFolder: string;
  /** Data that several runs share: cohorts and prepared slices. */
  readonly dataFolder: string;
  /** Threads for work on subjects. */
  readonly workers: number;
  readonly progress: ProgressListener;
  readonly signal?: AbortSignal;
  /** Seed of the first training of each row, where another than the profile's was asked for. */
  readonly firstSeed?: number;
  /** The user's own cohort; left out where it is simulated by the profile's recipe. */
  readonly userCohort?: UserCohort;
  /** Published images in place of the samples of some generators. */
  readonly publishedSamples?: Readonly<Partial<Record<GeneratorName, PublishedSamples>>>;
  /** A file with the weights that FID and Inception score are defined by; left out where the user has none. */
  readonly inceptionWeights?: string;
  /** What the process computes with, for the records. */
  readonly provenance?: () => Provenance;
}

/** What a stage needs of it to keep its record. */
export type StageContext = Pick<StudyContext, "runFolder" | "progress" | "signal" | "provenance">;

/** A finished stage, as it is written beside its results. */
export interface StageRecord<R> {
  readonly stage: string;
  /** Hash of the settings and of the keys of what the stage starts from. */
  readonly key: string;
  readonly settings: unknown;
  /** Keys of the stages whose results this one used, by name. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Wall time of the stage; of all parts where a training was resumed. */
  readonly durationSec: number;
  /** Largest resident size of the process during the stage. */
  readonly peakMemoryMb: number;
  /** Commit, versions and device; null where the caller keeps them itself. */
  readonly provenance: Provenance | null;
  readonly result: R;
}

/** A step of the study: a pure function of its settings and its inputs, whose result is kept. */
export interface Stage<R> {
  readonly name: string;
  /** For people: "Training the diffusion model". */
  readonly title: string;
  /** Everything that changes the result, apart from the inputs. */
  readonly settings: unknown;
  readonly inputs: Readonly<Record<string, { readonly key: string }>>;
  /** Checks a record that is read back. */
  readonly schema: z.ZodType<R>;
  /** Name of the stage's folder; its name and the beginning of its key where left out. */
  readonly folderName?: string;
  /** Files that must be there for the record to count: below the stage's folder, or paths of their own. */
  readonly files?: readonly string[];
  /** Does the work; `durationSec` replaces the measured time where the work was resumed. */
  run(folder: string, report: (progress: Omit<StageProgress, "label">) => void): Promise<Finished<R>>;
}

export interface Finished<R> {
  readonly result: R;
  readonly durationSec?: number;
}

/** A record and the folder with its files. */
export interface StageResult<R> extends StageRecord<R> {
  readonly folder: string;
}

/** The key of a stage: a hash of its settings and of the keys of its inputs. */
export function stageKey({
  name,
  settings,
  inputs,
}: Pick<Stage<unknown>, "name" | "settings" | "inputs">): string {
  return contentHash({ stage: name, settings, inputs: keysOf(inputs) });
}

/** The folder of a stage: named after it and its key, so that results of other settings stay beside it. */
export function stageFolder(
  { runFolder }: Pick<StageContext, "runFolder">,
  stage: Pick<Stage<unknown>, "name" | "settings" | "inputs" | "folderName">,
): string {
  return join(runFolder, stage.folderName ?? `${stage.name}-${stageKey(stage).slice(0, 8)}`);
}

/** The record of a stage that is finished, with all its files. */
export function readFinished<R>(
  context: Pick<StageContext, "runFolder">,
  stage: Omit<Stage<R>, "run">,
): StageResult<R> | undefined {
  const folder = stageFolder(context, stage);
  const known = readRecord(folder, stageKey(stage), stage);
  return known === undefined ? undefined : { ...known, folder };
}

/** Held in a stage's folder by the process that runs it. */
const LOCK = "stage.lock";

/** What progress counts while another process runs the stage. */
const WAITING = "runs of another process to wait for";

/**
 * Gives the record of a finished stage, or runs the stage and writes it. The record is the last thing that
 * is written: a stage that was interrupted has none, and goes on. A stage that another process runs is waited for, and
 * its record taken.
 */
export async function runStage<R>(context: StageContext, stage: Stage<R>): Promise<StageResult<R>> {
  const known = readFinished(context, stage);
  if (known !== undefined) {
    context.progress.finish(stage.title, known.durationSec, true);
    return known;
  }
  const folder = stageFolder(context, stage);
  context.signal?.throwIfAborted();
  makeFolder(folder);
  const wait = (): void => {
    context.progress.update({ label: stage.title, done: 0, total: 1, unit: WAITING, doneAtStart: 0 });
  };
  const run = (): Promise<StageResult<R>> => {
    // Another process may have finished it since it was looked for.
    const made = readFinished(context, stage);
    if (made === undefined) return runAlone(context, stage, folder);
    context.progress.finish(stage.title, made.durationSec, true);
    return Promise.resolve(made);
  };
  return withLock(join(folder, LOCK), run, wait, context.signal);
}

/** Runs a stage whose lock is held, and writes its record. */
async function runAlone<R>(context: StageContext, stage: Stage<R>, folder: string): Promise<StageResult<R>> {
  resetPeakMemory();
  const started = performance.now();
  const report = (progress: Omit<StageProgress, "label">) => {
    context.progress.update({ label: stage.title, ...progress });
  };
  const { result, durationSec = (performance.now() - started) / 1000 } = await stage.run(folder, report);
  const record: StageRecord<R> = {
    stage: stage.name,
    key: stageKey(stage),
    settings: stage.settings,
    inputs: keysOf(stage.inputs),
    durationSec,
    peakMemoryMb: Math.round(peakMemoryBytes() / 2 ** 20),
    provenance: context.provenance?.() ?? null,
    result,
  };
  writeJsonAtomic(join(folder, "record.json"), record);
  context.progress.finish(stage.title, durationSec, false);
  return { ...record, folder };
}

function keysOf(inputs: Stage<unknown>["inputs"]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(inputs).map(([name, { key }]) => [name, key]));
}

const recordSchema = z.object({
  stage: z.string(),
  key: z.string(),
  settings: z.unknown(),
  inputs: z.record(z.string(), z.string()),
  durationSec: z.number(),
  peakMemoryMb: z.number(),
  provenance: provenanceSchema.nullable(),
  result: z.unknown(),
});

/** A record as it stands in a folder, whatever its stage; undefined where there is none that can be read. */
export function readAnyRecord(folder: string): StageRecord<unknown> | undefined {
  const path = join(folder, "record.json");
  if (!existsSync(path)) return undefined;
  try {
    const record = recordSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
    return record.success ? record.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw explainFileError(path, error);
  }
}

/** The record of a finished stage; one of another version of the program is done again rather than believed. */
function readRecord<R>(
  folder: string,
  key: string,
  stage: Pick<Stage<R>, "files" | "schema">,
): StageRecord<R> | undefined {
  if (!(stage.files ?? []).every((name) => existsSync(resolve(folder, name)))) return undefined;
  const record = readAnyRecord(folder);
  if (record?.key !== key) return undefined;
  const result = stage.schema.safeParse(record.result);
  return result.success ? { ...record, result: result.data } : undefined;
}
