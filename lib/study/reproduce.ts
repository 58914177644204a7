import { writeRunSummary, type RunSummary } from "./report";
import { artefactsStage } from "./stages/artefacts";
import { notebooksStage } from "./stages/notebooks";
import type { Study } from "./study";

/** The stages of a whole run in order: their name, and their title as progress shows it. */
export function plannedStages(
  study: Study,
): readonly { readonly title: string; readonly expectedSec: number }[] {
  const { expectedSec, generatorWeights } = study.profile;
  const diffusion =
    generatorWeights === "shipped" ? "Taking the shipped diffusion model" : "Training the diffusion model";
  const published = study.context.publishedSamples !== undefined;
  const stages = [
    ["cohort", study.context.userCohort === undefined ? "Simulating the cohort" : "Reading the cohort"],
    ["slices", "Preparing slices"],
    ...(published
      ? [["samples", "Reading published images"] as const]
      : [["diffusion", diffusion] as const, ["samples", "Drawing synthetic slices"] as const]),
    ["segmentation-real", "Training the U-Net on real slices"],
    ["segmentation-synthetic", "Training the U-Net on synthetic slices"],
    ["memorization", "Searching for memorized slices"],
    ["figures", "Drawing figures and tables"],
    ...(runsNotebooks(study) ? [["notebooks", "Running the notebooks"] as const] : []),
  ] as const;
  return stages.map(([name, title]) => ({ title, expectedSec: expectedSec[name] ?? 0 }));
}

/** The notebooks speak of the simulated cohort and of the run's own generator; with others they are left out. */
function runsNotebooks({ context }: Study): boolean {
  return context.userCohort === undefined && context.publishedSamples === undefined;
}

/**
 * Runs the whole study: every stage, figures and tables, the notebooks, the report.
 */
export async function reproduce(study: Study): Promise<RunSummary> {
  await study.stageResults();
  const figures = await artefactsStage(study);
  const notebooks = runsNotebooks(study) ? [await notebooksStage(study)] : [];
  return writeRunSummary(study, [figures, ...notebooks]);
}
