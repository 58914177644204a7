import type { Command } from "commander";
import { EXIT } from "../errors";
import {
  addParallelOption,
  addRunOptions,
  announcedStages,
  parallelOf,
  studyOptions,
  type RunFlags,
} from "./run-options";

interface ReproduceFlags extends RunFlags {
  readonly parallel?: number;
}

/** `synthmr reproduce`: the whole study from data to report. */
export function register(program: Command): void {
  const command = program
    .command("reproduce")
    .description("Run the whole study: cohort, generators, segmentation networks, notebooks, report.");
  addParallelOption(addRunOptions(command))
    .addHelpText(
      "after",
      `
Finished stages are not done again; an interrupted run goes on where it was. synthmr study plan says what would run
and how long it would take.
Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted.

Examples:
  npm run reproduce
  npm run reproduce -- --profile smoke --out /tmp/smoke
  npm run reproduce -- --profile laptop --data BraTS2020_TrainingData
  synthmr data import-images StyleGAN2 --out images --size 64 --source "StyleGAN 2, BraTS 2020"
  npm run reproduce -- --images stylegan2=images`,
    )
    .action(async (flags: ReproduceFlags) => {
      process.exitCode = await run(flags);
    });
}

async function run(flags: ReproduceFlags): Promise<number> {
  const { openStudy } = await import("../study/open-study");
  const { closingSteps, reproduce } = await import("../study/reproduce");
  const { TerminalProgress } = await import("./terminal-progress");
  const { stopSignal } = await import("./stop-signal");
  const { relative } = await import("node:path");
  const stop = stopSignal();
  const progress = new TerminalProgress();
  const study = await openStudy({ progress, signal: stop, ...studyOptions(flags) });
  const parallel = await parallelOf(flags.parallel);
  const stages = await announcedStages(study, study.stages.all());
  progress.plan([...stages, ...closingSteps(study)], parallel);
  if (study.backend.warning !== null) progress.note(`warning: ${study.backend.warning}`);
  progress.note(`profile ${study.profile.name}: ${study.profile.purpose}`);
  try {
    const { missing, reportPath, result } = await reproduce(study, parallel);
    for (const { stage, reason } of missing) progress.note(`left out: ${stage}: ${reason}`);
    progress.note(`finished in ${Math.round(progress.elapsedSec())} s`);
    console.log(`${result}\nreport: ${relative(process.cwd(), reportPath)}`);
    return EXIT.ok;
  } catch (error) {
    if (!stop.aborted) throw error;
    progress.note("stopped; run the same command again to go on from here");
    return EXIT.interrupted;
  }
}
