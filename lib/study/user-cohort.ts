import { statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { filesOf, type SubjectFiles } from "../data/brats-cohort";
import { completeFiles, scanCohort } from "../data/brats-files";
import { isSimulatedCohort } from "../data/simulated-cohort";
import type { SplitCounts } from "../data/split";
import { explainFileError, InputError } from "../errors";
import type { Profile } from "./profile";
import type { StudyContext } from "./stage";

/** A BraTS folder of the user's, in place of the simulated cohort. */
export interface UserCohort {
  readonly path: string;
  /** Whether it says of itself that it is simulated. */
  readonly simulated: boolean;
  /** Whether pictures of its subjects may stand in figures and the report. */
  readonly showPatients: boolean;
}

/** How tables, figures and the report speak of a run's cohort. */
export interface CohortWords {
  readonly simulated: boolean;
  /** "simulated ", or nothing. */
  readonly adjective: string;
  /** The cohort with its article. */
  readonly cohort: string;
  /** What slices of subjects are called where synthetic ones stand beside them. */
  readonly real: string;
}

/** @throws InputError if the folder cannot be read. */
export function openUserCohort(folder: string, showPatients: boolean): UserCohort {
  const path = resolve(folder);
  try {
    if (!statSync(path).isDirectory()) throw new InputError(path, "is not a folder");
  } catch (error) {
    throw explainFileError(path, error);
  }
  return { path, simulated: isSimulatedCohort(path), showPatients };
}

/**
 * A profile for a cohort of the user's. The shipped generators were trained on another one; and as many passes over the
 * slices of a few out of hundreds of subjects, which save time on the simulated cohort, would leave generators untrained.
 */
export function withUserCohort(profile: Profile): Profile {
  return { ...profile, generatorWeights: "trained", fewerSubjects: "same images" };
}

/** Words for the cohort of a run. */
export function cohortWords({ userCohort }: Pick<StudyContext, "userCohort">): CohortWords {
  if (userCohort !== undefined && !userCohort.simulated) {
    const cohort = `the cohort ${basename(userCohort.path)}`;
    return { simulated: false, adjective: "", cohort, real: "real" };
  }
  return {
    simulated: true,
    adjective: "simulated ",
    cohort: "the simulated cohort",
    real: "real (simulated cohort)",
  };
}

/** Whether pictures of subjects may be shown: always where nobody is on them. */
export function maySeeSubjects({ userCohort }: Pick<StudyContext, "userCohort">): boolean {
  return userCohort === undefined || userCohort.simulated || userCohort.showPatients;
}

/** The BraTS folder of a run. */
export function cohortPath(
  { userCohort, dataFolder }: Pick<StudyContext, "userCohort" | "dataFolder">,
  folderName: string,
): string {
  return userCohort?.path ?? join(dataFolder, folderName);
}

/** Subjects with all their files, and the others with what they lack. */
export function usableSubjects(path: string): {
  readonly subjects: readonly SubjectFiles[];
  readonly leftOut: readonly string[];
} {
  const subjects: SubjectFiles[] = [];
  const leftOut: string[] = [];
  for (const scan of scanCohort(path))
    try {
      subjects.push(completeFiles(scan));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      leftOut.push(`${scan.id} ${error.reason}`);
    }
  if (subjects.length === 0) throw new InputError(path, `holds no complete subject: ${leftOut[0] ?? ""}`);
  return { subjects, leftOut };
}

/** Names, sizes and times of change of all files: what a finished record is held against, without reading them. */
export function fingerprintOf(subjects: readonly SubjectFiles[]): readonly unknown[] {
  return subjects.map((files) => [
    files.id,
    filesOf(files).map((file) => {
      const { size, mtimeMs } = statSync(file);
      return [basename(file), size, mtimeMs];
    }),
  ]);
}

/** Shares of the study: 56 of 369 subjects test, a fifth of the others chooses weights. */
export function sharesOfStudy(subjects: number): SplitCounts {
  const test = Math.max(1, Math.round((56 / 369) * subjects));
  return { test, validation: Math.max(1, Math.round(0.2 * (subjects - test))) };
}
