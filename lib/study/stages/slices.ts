import { join } from "node:path";
import { z } from "zod";
import { pixelHash } from "../../data/pixel-hash";
import { prepareShards } from "../../data/prepare-slices";
import { chooseSplit, type ChosenSplit } from "../../data/published-split";
import { ShardedSlices } from "../../data/sharded-slices";
import type { SliceSet } from "../../data/slice-set";
import { writeSplit } from "../../data/split";
import { Rng } from "../../backend/rng";
import { InputError } from "../../errors";
import type { StageResult, StudyContext } from "../stage";
import { defineStage, type StudyStage } from "../study-stage";
import { cohortPath, cohortWords, sharesOfStudy } from "../user-cohort";
import { cohortFolder, type CohortResult } from "./cohort";

type Part = "train" | "validation" | "test";

/** Subjects stand in the split's order, of which smaller training sets are the beginning. */
const partSchema = z.object({ subjects: z.array(z.string()), slices: z.number(), sha256: z.string() });
const schema = z.object({
  size: z.number(),
  train: partSchema,
  validation: partSchema,
  test: partSchema,
  /** Which split it is, and in what it differs from the study's. */
  split: z.object({ name: z.string(), notes: z.array(z.string()) }),
});
export type SlicesResult = z.infer<typeof schema>;

/** The prepared slices of each part of the split, in memory. */
export type SplitSlices = Readonly<Record<Part, SliceSet>>;

/** The run's split of some subjects: the study's where their names fit, else by the seed. */
export function splitOf({ profile, userCohort }: StudyContext, ids: readonly string[]): ChosenSplit {
  const counts = userCohort === undefined ? profile.split : sharesOfStudy(ids.length);
  return chooseSplit(ids, counts, Rng.fromSeed(profile.seed).fork("study", "split"));
}

/** Prepares slices as the study did and splits them by subject. */
export function slicesStage(
  context: StudyContext,
  cohort: StudyStage<CohortResult>,
  subjects: number,
): StudyStage<SlicesResult> {
  const { profile, workers, signal, userCohort } = context;
  const { size, seed } = profile;
  const counts = userCohort === undefined ? profile.split : sharesOfStudy(subjects);
  return defineStage<SlicesResult>({
    name: "slices",
    title: "Preparing slices",
    settings: { size, counts, seed },
    inputs: { cohort },
    schema,
    files: ["split.json", join(shardFolder(context), `slices-${size}.json`)],
    work: { kind: "slices", images: subjects },
    run: async (folder, report, need) => {
      const { folderName, ids } = need(cohort).result;
      const { split, notes } = splitOf(context, ids);
      const all = await prepareShards({
        cohortFolder: cohortPath(context, folderName),
        size,
        subjectIds: ids,
        outFolder: shardFolder(context),
        workers,
        simulated: cohortWords(context).simulated,
        ...(signal === undefined ? {} : { signal }),
        onProgress: (done, total) => {
          report({ done, total, unit: "subjects", doneAtStart: 0 });
        },
      });
      const describe = (part: Part) => {
        const slices = all.selectSubjects(split[part]);
        return { subjects: [...split[part]], slices: slices.count, sha256: pixelHash(slices) };
      };
      const [train, validation, test] = [describe("train"), describe("validation"), describe("test")];
      all.close();
      writeSplit(join(folder, "split.json"), split, seed);
      return { result: { size, train, validation, test, split: { name: split.name, notes: [...notes] } } };
    },
  });
}

/** Opens the slices of a run on the disk, where several processes share what the system keeps of them in memory. */
export class SliceStore {
  constructor(
    private readonly context: StudyContext,
    private readonly slices: StageResult<SlicesResult>,
  ) {}

  /** Slices of the first so many training subjects. */
  training(subjects: number): ShardedSlices {
    return this.open(this.slices.result.train.subjects.slice(0, subjects));
  }

  /** All slices of a part. */
  part(part: Part): ShardedSlices {
    return this.open(this.slices.result[part].subjects);
  }

  /** All slices of a part in memory. @throws InputError if they do not fit there. */
  load(part: Part): SliceSet {
    return loaded(this.part(part));
  }

  private open(subjects: readonly string[]): ShardedSlices {
    const { size } = this.slices.result;
    if (subjects.length === 0) throw new InputError("slices", "none of the subjects was asked for");
    const folder = shardFolder(this.context);
    return ShardedSlices.open([...subjects].sort().map((id) => join(folder, `${id}-${size}.safetensors`)));
  }
}

/** Brings slices into memory and closes their files. */
export function loaded(slices: ShardedSlices): SliceSet {
  try {
    return slices.load();
  } finally {
    slices.close();
  }
}

/** Where the prepared slices of a cohort stand; those of patients stay within the run's own folder. */
function shardFolder(context: StudyContext): string {
  const { userCohort, dataFolder, runFolder } = context;
  return userCohort === undefined
    ? join(dataFolder, `${cohortFolder(context).folderName}-slices`)
    : join(runFolder, "prepared");
}
