import { Rng } from "../../lib/backend/rng";
import { GREY_OF_CLASS } from "../../lib/data/mask-code";
import type { SliceSet } from "../../lib/data/slice-set";
import type { SegmentationResult, TrainingSource } from "../../lib/study/stages/segmentation";
import type { Study } from "../../lib/study/study";
import { cohortWords } from "../../lib/study/user-cohort";
import { profileOf, type ProfileName } from "../../lib/study/profiles";

/** Dice of one test subject: necrotic core, edema, enhancing tumour; null where not defined. */
export type SubjectDice = readonly [number | null, number | null, number | null];

/** What the stage records of a network that scored so on its test subjects. */
export function segmentationResult(
  source: TrainingSource,
  dices: readonly SubjectDice[],
): SegmentationResult {
  return {
    source,
    parameters: 1000,
    trainingSlices: 10,
    imagesSeen: 100,
    imagesPerSec: 10,
    validations: [{ imagesSeen: 100, dice: 0.5 }],
    best: { imagesSeen: 100, dice: 0.5 },
    subjects: dices.map(([necroticCore, edema, enhancingTumour], i) => ({
      subject: `SIM_${i}`,
      dice: { necroticCore, edema, enhancingTumour },
    })),
  };
}

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
    readonly real?: readonly SubjectDice[];
    readonly synthetic?: readonly SubjectDice[];
    readonly train?: SliceSet;
    readonly samples?: SliceSet;
    readonly trainSubjects?: readonly string[];
    readonly testSubjects?: readonly string[];
    readonly sharesAbove?: readonly number[];
    /** Folder above that of the cohort, and the cohort's name. */
    readonly cohort?: readonly [dataFolder: string, folderName: string];
  },
  profile: ProfileName = "quick",
): Study {
  const { trainSubjects = [], testSubjects = [], sharesAbove = [] } = results;
  const part = (subjects: readonly string[]) => ({ subjects, slices: 10 * subjects.length, sha256: "" });
  const study = {
    profile: profileOf(profile),
    words: cohortWords({}),
    context: { rng: Rng.fromSeed(1), dataFolder: results.cohort?.[0] },
    cohort: () => Promise.resolve({ result: { folderName: results.cohort?.[1] } }),
    segmentation: (source: TrainingSource) =>
      Promise.resolve({ result: segmentationResult(source, results[source] ?? []) }),
    sliceSets: () => Promise.resolve({ train: results.train }),
    sampleSet: () => Promise.resolve(results.samples),
    slices: () => Promise.resolve({ result: { train: part(trainSubjects), test: part(testSubjects) } }),
    memorization: () => {
      const summaries = sharesAbove.map((shareAbove, i) => ({
        extent: i === 0 ? "image" : "brain",
        shareAbove,
      }));
      return Promise.resolve({ result: { summaries } });
    },
  };
  return study as unknown as Study;
}
