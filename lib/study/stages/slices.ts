import { join } from "node:path";
import { z } from "zod";
import { prepareSlices } from "../../data/prepare-slices";
import { readSliceSet, selectSubjects, writeSliceSet, type SliceSet } from "../../data/slice-set";
import { splitSubjects, writeSplit } from "../../data/split";
import { sha256 } from "../../storage/content-hash";
import { runStage, type StageResult, type StudyContext } from "../stage";
import type { CohortResult } from "./cohort";

const PARTS = ["train", "validation", "test"] as const;
type Part = (typeof PARTS)[number];

const partSchema = z.object({ subjects: z.array(z.string()), slices: z.number(), sha256: z.string() });
const schema = z.object({ size: z.number(), train: partSchema, validation: partSchema, test: partSchema });
export type SlicesResult = z.infer<typeof schema>;

/** The prepared slices of each part of the split. */
export type SplitSlices = Readonly<Record<Part, SliceSet>>;

/** Prepares slices as the study did and splits them by subject. */
export async function slicesStage(
  context: StudyContext,
  cohort: StageResult<CohortResult>,
): Promise<StageResult<SlicesResult>> {
  const { profile, dataFolder, workers, rng, signal } = context;
  const { size, split: counts, seed } = profile;
  return runStage<SlicesResult>(context, {
    name: "slices",
    title: "Preparing slices",
    settings: { size, counts, seed },
    inputs: { cohort },
    schema,
    files: PARTS.map(fileOf),
    run: async (folder, report) => {
      const { folderName, ids } = cohort.result;
      const split = splitSubjects(ids, counts, rng.fork("split"));
      writeSplit(join(folder, "split.json"), split, seed);
      const all = await prepareSlices({
        cohortFolder: join(dataFolder, folderName),
        size,
        subjectIds: ids,
        outFolder: join(dataFolder, `${folderName}-slices`),
        workers,
        simulated: true,
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
