import type { Command } from "commander";
import { EXIT } from "../errors";

interface ReproduceOptions {
  readonly profile?: string;
  readonly out?: string;
  readonly data?: string;
  readonly showPatients?: true;
  readonly images?: string;
}

/** `synthmr reproduce`: the whole study from data to report. */
export function register(program: Command): void {
  program
    .command("reproduce")
    .description("Run the whole study: cohort, generator, segmentation networks, notebooks, report.")
    .option(
      "--profile <name>",
      "smoke (minutes, numbers mean nothing), quick (default) or laptop (from scratch)",
    )
    .option("--out <folder>", "the run's folder (default: runs/<profile>)")
    .option(
      "--data <folder>",
      "a BraTS folder in place of the simulated cohort; the generator is trained on it",
    )
    .option("--show-patients", "let pictures of its subjects into figures and the report")
    .option(
      "--images <folder>",
      "published images in place of the generator's samples, as synthmr data import-images leaves them",
    )
    .addHelpText(
      "after",
      `
Finished stages are not done again; an interrupted run goes on where it was.
Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted.

Examples:
  npm run reproduce
  npm run reproduce -- --profile smoke --out /tmp/smoke
  npm run reproduce -- --profile laptop --data BraTS2020_TrainingData
  synthmr data import-images StyleGAN2 --out images --size 32 --source "StyleGAN 2, BraTS 2020"
  npm run reproduce -- --images images`,
    )
    .action(async (options: ReproduceOptions) => {
      process.exitCode = await run(options);
    });
}

async function run(options: ReproduceOptions): Promise<number> {
  const { openStudy } = await import("../study/study");
  const { plannedStages, reproduce } = await import("../study/reproduce");
  const { TerminalProgress } = await import("./terminal-progress");
  const { relative } = await import("node:path");
  const stop = stopSignal();
  const progress = new TerminalProgress();
  const study = await openStudy({
    progress,
    signal: stop,
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.out === undefined ? {} : { runFolder: options.out }),
    ...(options.data === undefined ? {} : { data: options.data }),
    ...(options.images === undefined ? {} : { images: options.images }),
    ...(options.showPatients === undefined ? {} : { showPatients: options.showPatients }),
  });
  progress.plan(plannedStages(study));
  if (study.backend.warning !== null) progress.note(`warning: ${study.backend.warning}`);
  progress.note(`profile ${study.profile.name}: ${study.profile.purpose}`);
  try {
    const { reportPath, result } = await reproduce(study);
    progress.note(`finished in ${Math.round(progress.elapsedSec())} s`);
    console.log(`${result}\nreport: ${relative(process.cwd(), reportPath)}`);
    return EXIT.ok;
  } catch (error) {
    if (!stop.aborted) throw error;
    progress.note("stopped; run the same command again to go on from here");
    return EXIT.interrupted;
  }
}

/**
 * Aborts at the first SIGINT or SIGTERM, so that a checkpoint is written. A later one ends the process at
 * once; one within a second is the same Ctrl-C, which npm passes on a second time.
 */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const stop = (name: string) => {
    const now = performance.now();
    if (firstAt !== undefined && now - firstAt > 1000) process.exit(EXIT.interrupted);
    firstAt ??= now;
    controller.abort(new Error(`stopped by ${name}`));
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, stop);
  return controller.signal;
}
