import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Rng } from "../backend/rng";
import { explainFileError } from "../errors";
import { writeJsonAtomic } from "../storage/atomic-write";
import { contentHash } from "../storage/content-hash";
import { makeFolder } from "../storage/make-folder";
import type { Profile } from "./profiles";
import type { ProgressListener, StageProgress } from "./progress";
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
  readonly rng: Rng;
  readonly progress: ProgressListener;
  readonly signal?: AbortSignal;
  /** The user's own cohort; left out where it is simulated by the profile's recipe. */
  readonly userCohort?: UserCohort;
  /** Published images in place of a generator's samples; left out where the run has its own generator. */
  readonly publishedSamples?: PublishedSamples;
}

/** What a stage needs of it to keep its record. */
export type StageContext = Pick<StudyContext, "runFolder" | "progress" | "signal">;

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
  /** Largest resident size of the process so far. */
  readonly peakMemoryMb: number;
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
  /** Files that must be there for the record to count, relative to the stage's folder. */
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

/**
 * Gives the record of a finished stage, or runs the stage and writes it. The record is the last thing that
 * is written: a stage that was interrupted has none, and goes on.
 */
export async function runStage<R>(context: StageContext, stage: Stage<R>): Promise<StageResult<R>> {
  const inputs = Object.fromEntries(Object.entries(stage.inputs).map(([name, { key }]) => [name, key]));
  const key = contentHash({ stage: stage.name, settings: stage.settings, inputs });
  const folder = join(context.runFolder, stage.folderName ?? `${stage.name}-${key.slice(0, 8)}`);
  const known = readRecord(folder, key, stage);
  if (known !== undefined) {
    context.progress.finish(stage.title, known.durationSec, true);
    return { ...known, folder };
  }
  context.signal?.throwIfAborted();
  makeFolder(folder);
  const started = performance.now();
  const report = (progress: Omit<StageProgress, "label">) => {
    context.progress.update({ label: stage.title, ...progress });
  };
  const { result, durationSec = (performance.now() - started) / 1000 } = await stage.run(folder, report);
  const record: StageRecord<R> = {
    stage: stage.name,
    key,
    settings: stage.settings,
    inputs,
    durationSec,
    peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
    result,
  };
  writeJsonAtomic(join(folder, "record.json"), record);
  context.progress.finish(stage.title, durationSec, false);
  return { ...record, folder };
}

const recordSchema = z.object({
  stage: z.string(),
  key: z.string(),
  settings: z.unknown(),
  inputs: z.record(z.string(), z.string()),
  durationSec: z.number(),
  peakMemoryMb: z.number(),
  result: z.unknown(),
});

/** The record of a finished stage; one of another version of the program is done again rather than believed. */
function readRecord<R>(folder: string, key: string, stage: Stage<R>): StageRecord<R> | undefined {
  const path = join(folder, "record.json");
  const files = (stage.files ?? []).map((name) => join(folder, name));
  if (![path, ...files].every((file) => existsSync(file))) return undefined;
  try {
    const record = recordSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
    if (!record.success || record.data.key !== key) return undefined;
    const result = stage.schema.safeParse(record.data.result);
    return result.success ? { ...record.data, result: result.data } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw explainFileError(path, error);
  }
}
