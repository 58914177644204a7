import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { filesOf } from "../../data/brats-cohort";
import { missingSubjects, simulateCohort } from "../../data/simulation/simulate-cohort";
import { sri24Folder } from "../../data/simulation/sri24-atlas";
import { contentHash } from "../../storage/content-hash";
import type { StudyContext } from "../stage";
import { defineStage, type StudyStage } from "../study-stage";
import { fingerprintOf, usableSubjects, type UserCohort } from "../user-cohort";

const schema = z.object({
  /** Name of the cohort's folder below the data folder. */
  folderName: z.string(),
  /** null where the cohort is the user's own. */
  anatomy: z.enum(["sri24", "analytic"]).nullable(),
  ids: z.array(z.string()),
  /** SHA-256 over the content of every file of the user's own cohort. */
  sha256: z.string().nullable().default(null),
  /** Subjects of it that lack a file, with what they lack. */
  leftOut: z.array(z.string()).default([]),
});
export type CohortResult = z.infer<typeof schema>;

/** Where a run's cohort stands below the data folder, or its name where it is the user's own. */
export function cohortFolder({ profile, userCohort }: Pick<StudyContext, "profile" | "userCohort">): {
  readonly folderName: string;
  readonly anatomy: CohortResult["anatomy"];
} {
  if (userCohort !== undefined) return { folderName: basename(userCohort.path), anatomy: null };
  const { name, version, seed, subjects } = profile.cohort.recipe;
  // Without the atlas the heads are others: another cohort, in a folder of its own.
  const anatomy = existsSync(sri24Folder()) ? "sri24" : "analytic";
  const suffix = anatomy === "sri24" ? "" : `-${anatomy}`;
  return { folderName: `${name}-${version}-seed${seed}-n${subjects}${suffix}`, anatomy };
}

/** Makes the simulated subjects that are missing, as a BraTS folder shared by all runs. */
export function cohortStage(context: StudyContext): StudyStage<CohortResult> {
  const { profile, dataFolder, workers, signal, userCohort } = context;
  if (userCohort !== undefined) return userCohortStage(context, userCohort);
  const { recipe } = profile.cohort;
  const { folderName, anatomy } = cohortFolder(context);
  const folder = join(dataFolder, folderName);
  const missing = missingSubjects(folder, recipe.subjects).length;
  return defineStage<CohortResult>({
    name: "cohort",
    title: "Simulating the cohort",
    settings: anatomy === "analytic" ? { ...recipe, anatomy } : recipe,
    inputs: {},
    schema,
    // Other runs may have left subjects there.
    work: { kind: "cohort", images: missing },
    run: async (_folder, report) => {
      const { ids } = await simulateCohort({
        recipe,
        anatomy: anatomy ?? "sri24",
        folder,
        workers,
        ...(signal === undefined ? {} : { signal }),
        onProgress: (done, total) => {
          report({ done, total, unit: "subjects", doneAtStart: recipe.subjects - missing });
        },
      });
      return { result: { folderName, anatomy, ids: [...ids], sha256: null, leftOut: [] } };
    },
  });
}

/** Takes the user's BraTS folder as it is, and notes the hash of its content. */
function userCohortStage(context: StudyContext, { path }: UserCohort): StudyStage<CohortResult> {
  const { subjects, leftOut } = usableSubjects(path);
  const { folderName } = cohortFolder(context);
  return defineStage<CohortResult>({
    name: "cohort",
    title: "Reading the cohort",
    settings: { folderName, files: contentHash(fingerprintOf(subjects)) },
    inputs: {},
    schema,
    work: { kind: "cohort-reading", images: subjects.length },
    run: async (_folder, report) => {
      const hash = createHash("sha256");
      for (const [done, files] of subjects.entries()) {
        report({ done, total: subjects.length, unit: "subjects", doneAtStart: 0 });
        context.signal?.throwIfAborted();
        for (const file of filesOf(files))
          for await (const bytes of createReadStream(file)) hash.update(bytes as Buffer);
      }
      const ids = subjects.map(({ id }) => id);
      const sha256 = hash.digest("hex");
      return { result: { folderName, anatomy: null, ids, sha256, leftOut: [...leftOut] } };
    },
  });
}
