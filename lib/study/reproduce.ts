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
  const stages = [
    ["cohort", study.context.userCohort === undefined ? "Simulating the cohort" : "Reading the cohort"],
    ["slices", "Preparing slices"],
    ["diffusion", diffusion],
    ["samples", "Drawing synthetic slices"],
    ["segmentation-real", "Training the U-Net on real slices"],
    ["segmentation-synthetic", "Training the U-Net on synthetic slices"],
    ["memorization", "Searching for memorized slices"],
    ["figures", "Drawing figures and tables"],
    // The notebooks speak of the simulated cohort.
    ...(study.context.userCohort === undefined ? [["notebooks", "Running the notebooks"] as const] : []),
  ] as const;
  return stages.map(([name, title]) => ({ title, expectedSec: expectedSec[name] ?? 0 }));
}

/**
 * Runs the whole study: every stage, figures and tables, the notebooks, the report. The notebooks speak of the
 * simulated cohort and are left out where the cohort is the user's.
 */
export async function reproduce(study: Study): Promise<RunSummary> {
  await study.stageResults();
  const figures = await artefactsStage(study);
  const notebooks = study.context.userCohort === undefined ? [await notebooksStage(study)] : [];
  return writeRunSummary(study, [figures, ...notebooks]);
}
