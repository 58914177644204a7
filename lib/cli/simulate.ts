import { Option, type Command } from "commander";
import { availableParallelism } from "node:os";
import { COHORT_VERSIONS, DEFAULT_VERSION, type CohortVersion } from "../data/simulation/simulation-version";

interface SimulateFlags {
  readonly subjects: string;
  readonly seed: string;
  readonly out: string;
  readonly workers: string;
  readonly name: string;
  readonly cohortVersion: CohortVersion;
  readonly analytic?: true;
}

/** `synthmr data simulate`: writes a cohort of simulated patients as a BraTS folder. */
export function registerSimulate(dataCommand: Command): void {
  dataCommand
    .command("simulate")
    .description("make simulated glioma patients (completes a folder that holds some of them)")
    .requiredOption("--out <folder>", "folder to write")
    .option("--subjects <n>", "number of patients", "80")
    .option("--seed <n>", "seed of the cohort", "1")
    .option("--name <name>", "name of the cohort, part of what decides its images", "default")
    .addOption(
      new Option("--cohort-version <version>", "version of the simulation")
        .choices(COHORT_VERSIONS)
        .default(DEFAULT_VERSION),
    )
    .option("--workers <n>", "threads", String(availableParallelism()))
    .option("--analytic", "use the head drawn by formulas instead of the SRI24 atlas")
    .action(run);
}

async function run(flags: SimulateFlags): Promise<void> {
  const { simulateCohort } = await import("../data/simulation/simulate-cohort");
  const stop = new AbortController();
  const interrupt = (): void => {
    stop.abort(new Error("interrupted; run the same command again to go on"));
  };
  process.once("SIGINT", interrupt);
  try {
    const cohort = await simulateCohort({
      recipe: {
        name: flags.name,
        version: flags.cohortVersion,
        seed: Number(flags.seed),
        subjects: Number(flags.subjects),
      },
      folder: flags.out,
      workers: Number(flags.workers),
      signal: stop.signal,
      onProgress: (done, total) => process.stderr.write(`\rsimulated patients: ${done} of ${total}`),
      ...(flags.analytic ? { anatomy: "analytic" as const } : {}),
    });
    process.stderr.write("\n");
    console.log(`${cohort.ids.length} simulated patients (${cohort.anatomy} anatomy) in ${flags.out}`);
  } finally {
    process.removeListener("SIGINT", interrupt);
  }
}
