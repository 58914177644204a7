import { join } from "node:path";
import { z } from "zod";
import { prepareSlices } from "../../data/prepare-slices";
import { chooseSplit } from "../../data/published-split";
import { readSliceSet, selectSubjects, writeSliceSet, type SliceSet } from "../../data/slice-set";
import { writeSplit } from "../../data/split";
import { sha256 } from "../../storage/content-hash";
import { runStage, type StageResult, type StudyContext } from "../stage";
import { cohortPath, cohortWords, sharesOfStudy } from "../user-cohort";
import type { CohortResult } from "./cohort";

const PARTS = ["train", "validation", "test"] as const;
type Part = (typeof PARTS)[number];

const partSchema = z.object({ subjects: z.array(z.string()), slices: z.number(), sha256: z.string() });
const schema = z.object({
  size: z.number(),
  train: partSchema,
  validation: partSchema,
  test: partSchema,
  /** Which split it is, and in what it differs from the study's. */
  split: z.object({ name: z.string(), notes: z.array(z.string()) }).default({ name: "random", notes: [] }),
});
export type SlicesResult = z.infer<typeof schema>;

/** The prepared slices of each part of the split. */
export type SplitSlices = Readonly<Record<Part, SliceSet>>;

/** Prepares slices as the study did and splits them by subject. */
export async function slicesStage(
  context: StudyContext,
  cohort: StageResult<CohortResult>,
): Promise<StageResult<SlicesResult>> {
  const { profile, dataFolder, runFolder, workers, rng, signal, userCohort } = context;
  const { size, seed } = profile;
  const counts = userCohort === undefined ? profile.split : sharesOfStudy(cohort.result.ids.length);
  return runStage<SlicesResult>(context, {
    name: "slices",
    title: "Preparing slices",
    settings: { size, counts, seed },
    inputs: { cohort },
    schema,
    files: PARTS.map(fileOf),
    run: async (folder, report) => {
      const { folderName, ids } = cohort.result;
      const { split, notes } = chooseSplit(ids, counts, rng.fork("split"));
      writeSplit(join(folder, "split.json"), split, seed);
      const all = await prepareSlices({
        cohortFolder: cohortPath(context, folderName),
        size,
        subjectIds: ids,
        // Slices of patients stay within the run's own folder.
        outFolder:
          userCohort === undefined ? join(dataFolder, `${folderName}-slices`) : join(runFolder, "prepared"),
        workers,
        simulated: cohortWords(context).simulated,
        ...(signal === undefined ? {} : { signal }),
        onProgress: (done, total) => {
          report({ done, total, unit: "subjects", doneAtStart: 0 });
        },
      });
      const describe = (part: Part) => {
        const set = selectSubjects(all, split[part]);
        writeSliceSet(join(folder, fileOf(part)), set);
        return { subjects: [...split[part]], slices: set.count, sha256: sha256(set.images) };
      };
      return {
        result: {
          size,
          train: describe("train"),
          validation: describe("validation"),
          test: describe("test"),
          split: { name: split.name, notes: [...notes] },
        },
      };
    },
  });
}

/** Reads what the stage has written. */
export function readSplitSlices({ folder }: { readonly folder: string }): SplitSlices {
  const read = (part: Part) => readSliceSet(join(folder, fileOf(part)));
  return { train: read("train"), validation: read("validation"), test: read("test") };
}

function fileOf(part: Part): string {
  return `${part}.safetensors`;
}
