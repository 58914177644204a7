import { join } from "node:path";
import { threadCount } from "../../lib/backend/threads";
import { prepareSlices } from "../../lib/data/prepare-slices";
import { simulateCohort } from "../../lib/data/simulation/simulate-cohort";
import type { SliceSet } from "../../lib/data/slice-set";
import { cacheFolder } from "../../lib/storage/cache-folder";
import { profileOf } from "../../lib/study/profiles";
import { cohortFolder } from "../../lib/study/stages/cohort";

/** Slices of the default run's simulated subjects, made where they are not in the user's cache yet. */
export async function quickSlices(size: number): Promise<SliceSet> {
  const profile = profileOf("quick");
  const { folderName } = cohortFolder({ profile });
  const folder = join(cacheFolder(), "cohorts", folderName);
  const workers = threadCount();
  const { ids } = await simulateCohort({ recipe: profile.cohort.recipe, folder, workers });
  return prepareSlices({
    cohortFolder: folder,
    size,
    subjectIds: ids,
    outFolder: `${folder}-slices`,
    workers,
    simulated: true,
  });
}
