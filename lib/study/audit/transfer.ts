import { z } from "zod";
import { onlySequences } from "../../data/audit/study-view";
import { TRANSFER_AUGMENTATION } from "../../data/augmentation/augmentation-config";
import { masksOf } from "../../data/batches";
import type { SliceSet } from "../../data/slice-set";
import { meanOfNumbers, scoreSubjects } from "../../metrics/subject-scores";
import { bestThreshold, thresholdMask, thresholdScores } from "../../metrics/threshold-segmentation";
import { SEQUENCES, TUMOUR_CLASSES, type Sequence } from "../../shape";
import { sha256 } from "../../storage/content-hash";
import { orNull } from "../../storage/json-number";
import { predictMirrored } from "../../training/segmentation/segmentation-prediction";
import { runStage, type StageResult } from "../stage";
import type { AuditContext } from "./audit-context";
import { networkSettings, trainNetwork, type NetworkOptions } from "./audit-network";
import { learningSets } from "./difficulty";
import { regionDiceSchema, scoreRegions } from "./region-dice";
import { scoreWholeTumour, wholeTumourSchema, type WholeTumourScore } from "./whole-tumour";

/** The sequence whose threshold is the baseline: edema and core are bright on it. */
const THRESHOLD_SEQUENCE = "flair" satisfies Sequence;

/** What progress calls the stage. */
export const TRANSFER_TITLE = "Training the U-Net for the other cohort";

const score = z.number().nullable();

export const transferSchema = z.object({
  sequences: z.array(z.enum(SEQUENCES)),
  /** Subjects learnt from, and images seen. */
  trainingSubjects: z.number(),
  imagesSeen: z.number(),
  /** Standard scores above which FLAIR counts as tumour. */
  threshold: z.object({ chosenOnTraining: z.number(), bestOnTarget: z.number() }),
  subjects: z.array(
    z.object({
      subject: z.string(),
      /** All tumour classes together: of the network and the two thresholds, two of them also by their largest region alone. */
      wholeTumour: z.object({
        network: wholeTumourSchema,
        networkLargest: wholeTumourSchema,
        thresholdFromTraining: wholeTumourSchema,
        thresholdFromTrainingLargest: wholeTumourSchema,
        thresholdBestOnTarget: wholeTumourSchema,
      }),
      /** Of the network; a threshold tells no classes apart. */
      dice: z.record(z.enum(TUMOUR_CLASSES), score),
    }),
  ),
  /** The regions of BraTS: of the network, and of thresholds chosen for each on training subjects. */
  regions: z.array(regionDiceSchema),
});
export type TransferResult = z.infer<typeof transferSchema>;

/** What finds the whole tumour: the network, a threshold chosen on training subjects, the best one for the target. */
export type WholeTumourMethod = keyof TransferResult["subjects"][number]["wholeTumour"];

/**
 * Trains the U-Net on one cohort with the sequences that another has, with an augmentation for scanners and readers
 * that are not those of this one, and applies it to that one, to each slice and its mirror images together. Beside it stands a threshold on FLAIR: chosen on the
 * training subjects, and the best one for the other cohort itself, which no method could know.
 */
export async function transferStage(
  context: AuditContext,
  options: NetworkOptions,
  all: SliceSet,
  ids: readonly string[],
  target: SliceSet,
  sequences: readonly Sequence[],
): Promise<StageResult<TransferResult>> {
  const { train, validation } = learningSets(onlySequences(all, sequences), ids);
  const data = [train, validation, target].map((set) => sha256(set.images));
  const augmentation = TRANSFER_AUGMENTATION;
  return runStage<TransferResult>(context, {
    name: "transfer",
    title: TRANSFER_TITLE,
    settings: { ...networkSettings(options), augmentation, prediction: "mirrored", sequences, data },
    inputs: {},
    schema: transferSchema,
    run: async (folder, report) => {
      const trained = await trainNetwork(context, options, {
        ...{ train, validation, augmentation, folder, report, data },
      });
      const prediction = predictMirrored(trained.network, target);
      trained.params.dispose();
      const { imagesSeen, durationSec } = trained.outcome;
      const result = {
        sequences: [...sequences],
        trainingSubjects: ids.length,
        imagesSeen,
        ...scoreTransfer(target, prediction, train),
        regions: [...scoreRegions(target, prediction, train, sequences)],
      };
      return { result, durationSec };
    },
  });
}

/**
 * Scores the network's prediction of a cohort, and the thresholds beside it, by the same measures.
 *
 * @param prediction Class index of each pixel, [N, H, W] flattened.
 * @param train The slices on which one of the thresholds is chosen.
 */
export function scoreTransfer(
  target: SliceSet,
  prediction: Uint8Array,
  train: SliceSet,
): Pick<TransferResult, "threshold" | "subjects"> {
  const annotation = masksOf(target, Array.from(target.subjectOf.keys()));
  const { threshold: chosenOnTraining } = bestThreshold(thresholdScores(train, THRESHOLD_SEQUENCE));
  const { threshold: bestOnTarget } = bestThreshold(thresholdScores(target, THRESHOLD_SEQUENCE));
  const [fromTraining, best] = [chosenOnTraining, bestOnTarget].map((threshold) =>
    thresholdMask(target, THRESHOLD_SEQUENCE, threshold),
  ) as [Uint8Array, Uint8Array];
  const perClass = scoreSubjects({ ...target, annotation, prediction });
  const subjects = perClass.map(({ subject, classes }) => {
    const index = target.subjects.indexOf(subject);
    const scored = (mask: Uint8Array, keep?: "largest") =>
      scoreWholeTumour(target, index, annotation, mask, keep);
    return {
      subject,
      wholeTumour: {
        network: scored(prediction),
        networkLargest: scored(prediction, "largest"),
        thresholdFromTraining: scored(fromTraining),
        thresholdFromTrainingLargest: scored(fromTraining, "largest"),
        thresholdBestOnTarget: scored(best),
      },
      dice: {
        necroticCore: orNull(classes.necroticCore.dice),
        edema: orNull(classes.edema.dice),
        enhancingTumour: orNull(classes.enhancingTumour.dice),
      },
    };
  });
  return { threshold: { chosenOnTraining, bestOnTarget }, subjects };
}

/** The mean over subjects of one measure of the whole tumour, undefined ones left out; NaN where there is none. */
export function meanWholeTumour(
  { subjects }: Pick<TransferResult, "subjects">,
  method: WholeTumourMethod,
  measure: keyof WholeTumourScore,
): number {
  return meanOfNumbers(subjects.map(({ wholeTumour }) => wholeTumour[method][measure] ?? Number.NaN));
}
