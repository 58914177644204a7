import { z } from "zod";
import { listSubjects } from "../../data/brats-cohort";
import { runDataTask } from "../../data/data-pool";
import type { StudyContext } from "../stage";
import { defineStage, type StudyStage } from "../study-stage";
import { cohortPath } from "../user-cohort";
import type { CohortResult } from "./cohort";

const schema = z.object({
  /** By id. */
  subjects: z.array(z.string()),
  /** Voxels of each class, background first, a list a subject. */
  voxels: z.array(z.array(z.number())),
});
export type VolumesResult = z.infer<typeof schema>;

/** Counts the voxels of each class in the annotation of every subject. */
export function volumesStage(
  context: StudyContext,
  cohort: StudyStage<CohortResult>,
  subjects: number,
): StudyStage<VolumesResult> {
  const { workers, signal } = context;
  return defineStage<VolumesResult>({
    name: "volumes",
    title: "Measuring tumour volumes",
    settings: {},
    inputs: { cohort },
    schema,
    work: { kind: "volumes", images: subjects },
    run: async (_folder, report, need) => {
      const { folderName, ids } = need(cohort).result;
      const used = new Set(ids);
      const files = listSubjects(cohortPath(context, folderName)).filter(({ id }) => used.has(id));
      const voxels: number[][] = files.map(() => []);
      let done = 0;
      const pool = { workers, ...(signal === undefined ? {} : { signal }) };
      await runDataTask("classVoxels", files, pool, (counts, place) => {
        voxels[place] = counts;
        report({ done: ++done, total: files.length, unit: "subjects", doneAtStart: 0 });
      });
      return { result: { subjects: files.map(({ id }) => id), voxels } };
    },
  });
}
