import { GREY_OF_CLASS } from "../../lib/data/mask-code";
import type { SliceSet } from "../../lib/data/slice-set";
import type { Study } from "../../lib/study/study";
import { cohortWords } from "../../lib/study/user-cohort";
import type { ProfileName } from "../../lib/study/profile";
import { profileOf } from "../../lib/study/profiles";

/** Slices of 4x4 pixels, each with some pixels of edema; all of one subject. */
export function slicesWithTumours(tumourPixels: readonly number[]): SliceSet {
  const images = new Uint8Array(tumourPixels.length * 16 * 5);
  tumourPixels.forEach((count, n) => {
    for (let i = 0; i < count; i++) images[(16 * n + i) * 5 + 4] = GREY_OF_CLASS[2];
  });
  return {
    size: 4,
    count: tumourPixels.length,
    images,
    subjects: ["SIM_0"],
    subjectOf: new Int32Array(tumourPixels.length),
    z: Int32Array.from(tumourPixels, (_, n) => n + 1),
    simulated: true,
    source: "made for a test",
  };
}

/** What a study of some results answers; what it was not given, it does not have. */
export function studyOf(
  results: {
    readonly train?: SliceSet;
    readonly samples?: SliceSet;
    readonly trainSubjects?: readonly string[];
    readonly testSubjects?: readonly string[];
    /** Folder above that of the cohort, and the cohort's name. */
    readonly cohort?: readonly [dataFolder: string, folderName: string];
  },
  profile: ProfileName = "quick",
): Study {
  const { trainSubjects = [], testSubjects = [] } = results;
  const part = (subjects: readonly string[]) => ({ subjects, slices: 10 * subjects.length, sha256: "" });
  const study = {
    profile: profileOf(profile),
    words: cohortWords({}),
    context: { dataFolder: results.cohort?.[0] },
    cohort: () => Promise.resolve({ result: { folderName: results.cohort?.[1] } }),
    sliceSets: () => Promise.resolve({ train: results.train }),
    sampleSet: () => Promise.resolve(results.samples),
    slices: () => Promise.resolve({ result: { train: part(trainSubjects), test: part(testSubjects) } }),
  };
  return study as unknown as Study;
}
