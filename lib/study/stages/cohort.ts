import { join } from "node:path";
import { z } from "zod";
import { simulateCohort } from "../../data/simulation/simulate-cohort";
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
  const folderName = `${recipe.name}-${recipe.version}-seed${recipe.seed}-n${recipe.subjects}`;
  return runStage<CohortResult>(context, {
    name: "cohort",
    title: "Simulating the cohort",
    settings: recipe,
    inputs: {},
    schema,
    run: async (_folder, report) => {
      const { ids, anatomy } = await simulateCohort({
        recipe,
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
