import { z } from "zod";
import { selectSubjects, type SliceSet } from "../../data/slice-set";
import { quantileOfSorted, sortedNumbers } from "../../metrics/quantile";
import { meanOfNumbers } from "../../metrics/subject-scores";
import { TUMOUR_CLASSES, type TumourClass } from "../../shape";
import { sha256 } from "../../storage/content-hash";
import { orNull } from "../../storage/json-number";
import { segmentAndScore } from "../../training/segmentation/segmentation-prediction";
import { runStage, type StageResult } from "../stage";
import type { AuditContext } from "./audit-context";
import { networkSettings, trainNetwork, type NetworkOptions } from "./audit-network";

/** Dice that the study's U-Net reached on BraTS, and how far from it a cohort's difficulty is still alike. */
export interface DiceBand {
  readonly target: number;
  readonly tolerance: number;
}

/**
 * The study's U-Net on real subjects of BraTS 2020, a single run: the one baseline in the study's code
 * (`plot_increment_results.py`). The tolerances are ours.
 */
export const DICE_BANDS: Readonly<Record<TumourClass, DiceBand>> = {
  necroticCore: { target: 0.6, tolerance: 0.08 },
  edema: { target: 0.79, tolerance: 0.05 },
  enhancingTumour: { target: 0.8, tolerance: 0.05 },
};

/** Below this Dice a subject counts as failed in a class. */
export const FAILED_BELOW = 0.3;

/** Share of the training subjects that choose the weights, by subject, as in the study. */
const VALIDATION_SHARE = 0.2;

/** No more of them: scoring 63 subjects twelve times takes nearly as long as a training itself. */
const MOST_CHOOSING = 24;

const diceSchema = z.record(z.enum(TUMOUR_CLASSES), z.number().nullable());
const subjectSchema = z.object({ subject: z.string(), dice: diceSchema });
const resultSchema = z.object({
  /** Subjects of the prefix: those that train and those that choose the weights. */
  subjects: z.number(),
  trainingSlices: z.number(),
  parameters: z.number(),
  imagesSeen: z.number(),
  imagesPerSec: z.number(),
  best: z.object({ imagesSeen: z.number(), dice: z.number().nullable() }),
  validations: z.array(z.object({ imagesSeen: z.number(), dice: z.number().nullable() })),
  test: z.array(subjectSchema),
});
export type DifficultyResult = z.infer<typeof resultSchema>;
export { resultSchema as difficultySchema };

/** What progress calls a training; 0 subjects stand for all. */
export function difficultyTitle(subjects: number, size: number): string {
  return `Training the U-Net on ${subjects === 0 ? "all" : subjects} subjects at ${size} x ${size}`;
}

/**
 * Trains on the first subjects of an order and scores the test subjects. A finished training of the same data
 * and settings is read, an interrupted one goes on.
 *
 * @param ids The subjects to learn from; the last fifth of them, at most 24, chooses the weights.
 */
export async function difficultyStage(
  context: AuditContext,
  options: NetworkOptions,
  all: SliceSet,
  ids: readonly string[],
  testIds: readonly string[],
): Promise<StageResult<DifficultyResult>> {
  const { size } = options;
  const { train, validation } = learningSets(all, ids);
  const test = selectSubjects(all, testIds);
  const data = [train, validation, test].map((set) => sha256(set.images));
  return runStage<DifficultyResult>(context, {
    name: `unet-${ids.length}-subjects`,
    title: difficultyTitle(ids.length, size),
    settings: { ...networkSettings(options), data },
    inputs: {},
    schema: resultSchema,
    run: async (folder, report) => {
      const trained = await trainNetwork(context, options, { train, validation, folder, report, data });
      const { params, outcome, best, validations } = trained;
      const result = {
        subjects: ids.length,
        trainingSlices: train.count,
        parameters: params.count,
        imagesSeen: outcome.imagesSeen,
        imagesPerSec: outcome.imagesSeen / outcome.durationSec,
        best: { imagesSeen: best.imagesSeen, dice: orNull(best.dice) },
        validations: validations.map(({ imagesSeen, dice }) => ({ imagesSeen, dice: orNull(dice) })),
        test: segmentAndScore(trained.network, test).map(({ subject, classes }) => ({
          subject,
          dice: {
            necroticCore: orNull(classes.necroticCore.dice),
            edema: orNull(classes.edema.dice),
            enhancingTumour: orNull(classes.enhancingTumour.dice),
          },
        })),
      };
      params.dispose();
      return { result, durationSec: outcome.durationSec };
    },
  });
}

/** The slices of the subjects that train, and of the last fifth, 1 to 24, that choose the weights. */
export function learningSets(
  all: SliceSet,
  ids: readonly string[],
): { readonly train: SliceSet; readonly validation: SliceSet } {
  const choosing = Math.min(MOST_CHOOSING, Math.max(1, Math.round(VALIDATION_SHARE * ids.length)));
  return {
    train: selectSubjects(all, ids.slice(0, ids.length - choosing)),
    validation: selectSubjects(all, ids.slice(ids.length - choosing)),
  };
}

/** A class over the test subjects. */
export interface ClassDifficulty {
  /** Subjects that have the class in annotation or prediction. */
  readonly count: number;
  readonly mean: number;
  /** Of the population, as in the study's tables. */
  readonly deviation: number;
  readonly p05: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly p95: number;
  /** Share of subjects below FAILED_BELOW. */
  readonly failedShare: number;
  readonly verdict: "inside" | "outside";
}

/** Sums up one class of a training's test. */
export function classDifficulty({ test }: DifficultyResult, name: TumourClass): ClassDifficulty {
  const sorted = sortedNumbers(test.map(({ dice }) => dice[name] ?? Number.NaN));
  const values = Array.from(sorted);
  const mean = meanOfNumbers(values);
  const { target, tolerance } = DICE_BANDS[name];
  const at = (share: number): number => quantileOfSorted(sorted, share);
  return {
    count: values.length,
    mean,
    deviation: Math.sqrt(meanOfNumbers(values.map((value) => (value - mean) ** 2))),
    p05: at(0.05),
    p25: at(0.25),
    median: at(0.5),
    p75: at(0.75),
    p95: at(0.95),
    failedShare: values.filter((value) => value < FAILED_BELOW).length / values.length,
    verdict: Math.abs(mean - target) <= tolerance + 1e-9 ? "inside" : "outside",
  };
}
