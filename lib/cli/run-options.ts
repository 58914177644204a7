import { InvalidArgumentError, type Command } from "commander";
import { GENERATOR_NAMES, type GeneratorName } from "../generators/generator-config";
import type { StudyOptions } from "../study/open-study";
import type { Study } from "../study/study";
import type { StudyStage } from "../study/study-stage";
import { seedNumber, wholeNumber } from "./long-command";
import type { AnnouncedStage } from "./time-left";

/** Options of every command that opens a run of the study. */
export interface RunFlags {
  readonly profile?: string;
  readonly out?: string;
  readonly data?: string;
  readonly firstSeed?: number;
  readonly showPatients?: true;
  readonly images?: Readonly<Partial<Record<GeneratorName, string>>>;
  readonly inception?: string;
}

/** Adds the options that say which run is meant. */
export function addRunOptions(command: Command): Command {
  return command
    .option(
      "--profile <name>",
      "smoke (minutes, numbers mean nothing), quick (default), laptop, workstation or paper",
    )
    .option("--out <folder>", "the run's folder (default: runs/<profile>)")
    .option(
      "--data <folder>",
      "a BraTS folder in place of the simulated cohort; generators are trained on it",
    )
    .option(
      "--first-seed <number>",
      "seed of the first training of each row, further ones count on (default: the profile's)",
      seedNumber,
    )
    .option("--show-patients", "let pictures of its subjects into figures and the report")
    .option(
      "--images <generator=folder>",
      "published images in place of a generator's, as synthmr data import-images leaves them; may be repeated",
      addImages,
    )
    .option("--inception <file>", "the weights that FID and Inception score are defined by");
}

/** Adds the option that says how many stages are computed side by side. */
export function addParallelOption(command: Command): Command {
  return command.option(
    "--parallel <processes>",
    "stages computed side by side (default: one a processor core, as far as the memory goes)",
    wholeNumber,
  );
}

/** How the study opens the run. */
export function studyOptions({
  profile,
  out,
  data,
  firstSeed,
  showPatients,
  images,
  inception,
}: RunFlags): StudyOptions {
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(out === undefined ? {} : { runFolder: out }),
    ...(data === undefined ? {} : { data }),
    ...(firstSeed === undefined ? {} : { seed: firstSeed }),
    ...(showPatients === undefined ? {} : { showPatients }),
    ...(images === undefined ? {} : { images }),
    ...(inception === undefined ? {} : { inception }),
  };
}

/** The number of processes that the user asked for, or that fit. */
export async function parallelOf(asked: number | undefined): Promise<number> {
  const { freemem } = await import("node:os");
  const { defaultParallel } = await import("../study/run/run-stages");
  return asked ?? defaultParallel(freemem());
}

function addImages(text: string, before: RunFlags["images"] = {}): RunFlags["images"] {
  const [name, ...folder] = text.split("=");
  const generator = GENERATOR_NAMES.find((known) => known === name);
  if (generator === undefined || folder.length === 0)
    throw new InvalidArgumentError(`Expected one of ${GENERATOR_NAMES.join(", ")}, "=" and a folder.`);
  return { ...before, [generator]: folder.join("=") };
}

/** Stages of a run as a progress display announces them; those that cannot run are left out. */
export async function announcedStages(
  { context }: Study,
  stages: readonly StudyStage<unknown>[],
): Promise<readonly AnnouncedStage[]> {
  const { planStages } = await import("../study/plan/plan-stages");
  const { usesAllCores } = await import("../study/run/run-stages");
  return planStages(context, stages)
    .filter(({ state }) => state !== "missing")
    .map(({ stage, sec = 0, measured }) => ({
      title: stage.title,
      kind: stage.work.kind,
      expectedSec: sec,
      measured,
      allCores: usesAllCores(stage),
    }));
}
