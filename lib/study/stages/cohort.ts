import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { simulateCohort } from "../../data/simulation/simulate-cohort";
import { sri24Folder } from "../../data/simulation/sri24-atlas";
import { runStage, type StageResult, type StudyContext } from "../stage";

const schema = z.object({
  /** Name of the cohort's folder below the data folder. */
  folderName: z.string(),
  anatomy: z.enum(["sri24", "analytic"]),
  ids: z.array(z.string()),
});
export type CohortResult = z.infer<typeof schema>;

/** Makes the simulated subjects that are missing, as a BraTS folder shared by all runs. */
export async function cohortStage(context: StudyContext): Promise<StageResult<CohortResult>> {
  const { profile, dataFolder, workers, signal } = context;
  const { recipe } = profile.cohort;
  // Without the atlas the heads are others: another cohort, in a folder of its own.
  const anatomy = existsSync(sri24Folder()) ? "sri24" : "analytic";
  const suffix = anatomy === "sri24" ? "" : `-${anatomy}`;
  const folderName = `${recipe.name}-${recipe.version}-seed${recipe.seed}-n${recipe.subjects}${suffix}`;
  return runStage<CohortResult>(context, {
    name: "cohort",
    title: "Simulating the cohort",
    settings: anatomy === "sri24" ? recipe : { ...recipe, anatomy },
    inputs: {},
    schema,
    run: async (_folder, report) => {
      const { ids } = await simulateCohort({
        recipe,
        anatomy,
        folder: join(dataFolder, folderName),
        workers,
        ...(signal === undefined ? {} : { signal }),
        onProgress: (done, total) => {
          report({ done, total, unit: "subjects", doneAtStart: 0 });
        },
      });
      return { result: { folderName, anatomy, ids: [...ids] } };
    },
  });
}
