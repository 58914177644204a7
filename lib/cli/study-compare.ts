import type { Command } from "commander";
import { EXIT, InputError } from "../errors";
import type { RunMeasures } from "../study/results/run-measures";

/** Adds `synthmr study compare`: whether another machine gave the same. */
export function registerCompare(study: Command): void {
  study
    .command("compare")
    .description("Hold the numbers of a run against those of another run of the same study.")
    .argument("<run>", "a run's folder, or its results/measures.json")
    .argument("[other]", "the same; left out: what came with this version, for the profiles smoke and quick")
    .addHelpText("after", HELP)
    .action(async (run: string, other?: string) => {
      process.exitCode = await compare(run, other);
    });
}

const HELP = `
synthmr study collect writes the numbers of a run to results/measures.json; that small file is enough to compare.
Cohort and slices must be the same to the last byte. What trainings may differ by is stated for the profile smoke.
Exit codes: 0 within what is stated, or nothing is stated; 1 beyond it; 2 bad input.`;

async function compare(path: string, otherPath: string | undefined): Promise<number> {
  const { compareRuns, comparisonTable } = await import("../study/results/compare-runs");
  const run = await measuresAt(path);
  const other = await measuresAt(otherPath ?? (await referencePath(run)));
  const comparison = compareRuns(run, other);
  for (const [title, measures] of [
    ["run", run],
    ["other", other],
  ] as const)
    console.log(`${title}: ${measures.environment.map(({ name, value }) => `${name} ${value}`).join(", ")}`);
  console.log(`\n${comparisonTable(comparison).toText()}\n`);
  for (const name of comparison.otherData) console.log(`differs, and must not: ${name}`);
  for (const name of comparison.unpaired) console.log(`in one run only: ${name}`);
  console.log(verdict(run, comparison.within));
  return comparison.within ? EXIT.ok : EXIT.failed;
}

function verdict({ profile }: RunMeasures, within: boolean): string {
  if (!within) return "the runs differ by more than is stated";
  return profile.name === "smoke"
    ? "the runs agree within what is stated"
    : `the runs saw the same data; nothing is stated for how far trainings of ${profile.name} may lie apart`;
}

/** The measures in a file, or those in a run's folder. */
async function measuresAt(path: string): Promise<RunMeasures> {
  const { existsSync } = await import("node:fs");
  const { join } = await import("node:path");
  const { readRunMeasures } = await import("../study/results/run-measures");
  const { MEASURES_FILE, RESULTS_FOLDER } = await import("../study/results/results-file");
  const inFolder = join(path, RESULTS_FOLDER, MEASURES_FILE);
  return readRunMeasures(existsSync(inFolder) ? inFolder : path);
}

/** @throws InputError if no reference came with this version. */
async function referencePath({ profile: { name } }: RunMeasures): Promise<string> {
  const { existsSync } = await import("node:fs");
  const { referenceMeasures } = await import("../study/results/results-file");
  const path = referenceMeasures(name);
  if (!existsSync(path))
    throw new InputError(`profile ${name}`, "comes without numbers to compare with", "Name another run");
  return path;
}
