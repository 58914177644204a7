import { InvalidArgumentError, type Command } from "commander";
import { EXIT } from "../errors";
import { GENERATOR_NAMES, type GeneratorName } from "../generators/generator-config";
import { SEGMENTERS, type Segmenter } from "../study/grid/cells";
import type { CellFilter } from "../study/grid/select-cells";
import type { StudyStage } from "../study/study-stage";
import type { Study } from "../study/study";
import { seedNumber } from "./long-command";
import { registerCompare } from "./study-compare";
import {
  addParallelOption,
  addRunOptions,
  announcedStages,
  parallelOf,
  studyOptions,
  type RunFlags,
} from "./run-options";

interface FilterFlags {
  readonly generator?: readonly GeneratorName[];
  readonly segmenter?: readonly Segmenter[];
  readonly seed?: readonly number[];
  readonly only?: readonly string[];
}

interface StudyFlags extends RunFlags, FilterFlags {
  readonly parallel?: number;
}

/** `synthmr study`: the grid of the study, part by part. */
export function register(program: Command): void {
  const study = program.command("study").description("the grid of the study, part by part");
  const part = (name: string, description: string): Command =>
    addFilters(addRunOptions(study.command(name).description(description)));

  addParallelOption(part("plan", "Say what is done, what would run, how long, and why. Nothing runs."))
    .addHelpText("after", HELP)
    .action(async (flags: StudyFlags) => {
      await plan(flags);
    });
  addParallelOption(part("run", "Train, draw and measure what is not done yet."))
    .addHelpText("after", HELP)
    .action(async (flags: StudyFlags) => {
      process.exitCode = await run(flags);
    });
  part("status", "Say how many of each kind of stage are done, and which are begun.").action(
    async (flags: StudyFlags) => {
      await status(flags);
    },
  );
  addRunOptions(study.command("collect"))
    .description("Put everything that is finished into one file, results/results.json in the run's folder.")
    .action(async (flags: RunFlags) => {
      await collect(flags);
    });
  addRunOptions(study.command("export"))
    .description("Describe the run's folder as RO-Crate 1.1: files, records as actions, claims.")
    .action(async (flags: RunFlags) => {
      await exportRun(flags, new Date());
    });
  registerCompare(study);
}

/** @param now The time of the export, which the crate states. */
async function exportRun(flags: RunFlags, now: Date): Promise<void> {
  const { writeCollected } = await import("../study/collect/collect-results");
  const { writeRoCrate } = await import("../study/results/ro-crate");
  const { relative } = await import("node:path");
  const study = await openRun(flags);
  const { results } = await writeCollected(study);
  const [name = "", version = ""] = study.provenance().package.split(" ");
  const facts = { datePublished: now.toISOString(), software: { name, version } };
  const path = writeRoCrate(study.context.runFolder, results, facts);
  console.log(`RO-Crate: ${relative(process.cwd(), path)}`);
}

const HELP = `
Examples:
  synthmr study plan --profile laptop
  synthmr study run --generator stylegan2 --parallel 2
  synthmr study run --only "unet-real-*" --seed 1
Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted.`;

async function plan(flags: StudyFlags): Promise<void> {
  const { planStages, secondsLeft } = await import("../study/plan/plan-stages");
  const { planText } = await import("../study/plan/plan-text");
  const study = await openRun(flags);
  const planned = planStages(study.context, await chosenStages(study, flags));
  console.log(planText(study.profile, planned, secondsLeft(planned), await parallelOf(flags.parallel)));
  const { isCosted } = await import("../study/plan/study-operations");
  const { name } = study.profile;
  if (!isCosted(name)) return;
  const { studyCostTable } = await import("../study/plan/study-cost");
  console.log(`\n${studyCostTable(name).toText()}`);
}

async function status(flags: StudyFlags): Promise<void> {
  const { planStages } = await import("../study/plan/plan-stages");
  const { statusText } = await import("../study/plan/plan-text");
  const study = await openRun(flags);
  console.log(statusText(planStages(study.context, await chosenStages(study, flags))));
}

async function collect(flags: RunFlags): Promise<void> {
  const { writeCollected } = await import("../study/collect/collect-results");
  const { relative } = await import("node:path");
  const study = await openRun(flags);
  const { path, results } = await writeCollected(study);
  const { segmentation, generators, planned } = results;
  console.log(
    `${segmentation.length} of ${planned.segmentation.length} segmentation networks and ${generators.length} of ${planned.generators.length} generators\nresults: ${relative(process.cwd(), path)}`,
  );
}

async function run(flags: StudyFlags): Promise<number> {
  const { runStages } = await import("../study/run/run-stages");
  const { TerminalProgress } = await import("./terminal-progress");
  const { stopSignal } = await import("./stop-signal");
  const stop = stopSignal();
  const progress = new TerminalProgress();
  const study = await openRun(flags, { progress, signal: stop });
  const stages = await chosenStages(study, flags);
  const parallel = await parallelOf(flags.parallel);
  progress.plan(await announcedStages(study, stages), parallel);
  try {
    const { missing } = await runStages(study, stages, parallel);
    for (const { stage, reason } of missing) progress.note(`left out: ${stage}: ${reason}`);
    progress.note(`finished in ${Math.round(progress.elapsedSec())} s`);
    return EXIT.ok;
  } catch (error) {
    if (!stop.aborted) throw error;
    progress.note("stopped; run the same command again to go on from here");
    return EXIT.interrupted;
  }
}

async function openRun(
  flags: RunFlags,
  more: Parameters<typeof import("../study/open-study").openStudy>[0] = {},
): Promise<Study> {
  const { openStudy } = await import("../study/open-study");
  return openStudy({ ...studyOptions(flags), ...more });
}

/** The stages that the filters let through, with all that they start from. */
async function chosenStages(
  { stages }: Study,
  { generator, segmenter, seed, only }: FilterFlags,
): Promise<readonly StudyStage<unknown>[]> {
  const { checkSelected, selectGenerators, selectSegmentation } = await import("../study/grid/select-cells");
  const filter: CellFilter = {
    ...(generator === undefined ? {} : { generators: generator }),
    ...(segmenter === undefined ? {} : { segmenters: segmenter }),
    ...(seed === undefined ? {} : { seeds: seed }),
    ...(only === undefined ? {} : { only }),
  };
  const generators = selectGenerators(stages.generatorCells(), filter);
  const segmentation = selectSegmentation(stages.segmentationCells(), filter);
  checkSelected(generators, segmentation);
  return stages.of(generators, segmentation);
}

function addFilters(command: Command): Command {
  return command
    .option("--generator <name>", "cells of a generator only; may be repeated", oneOf(GENERATOR_NAMES))
    .option("--segmenter <name>", "cells of a network only, unet or swin; may be repeated", oneOf(SEGMENTERS))
    .option("--seed <number>", "cells of a seed only; may be repeated", addSeed)
    .option("--only <cell>", 'cells of a name only, "*" for any characters; may be repeated', addText);
}

function oneOf<T extends string>(names: readonly T[]): (text: string, before?: readonly T[]) => readonly T[] {
  return (text, before = []) => {
    const known = names.find((name) => name === text);
    if (known === undefined) throw new InvalidArgumentError(`Expected one of ${names.join(", ")}.`);
    return [...before, known];
  };
}

function addSeed(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, seedNumber(text)];
}

function addText(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
