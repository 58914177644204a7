import { z } from "zod";
import { onlySequences } from "../../data/audit/study-view";
import { TRANSFER_AUGMENTATION } from "../../data/augmentation/augmentation-config";
import { masksOf } from "../../data/batches";
import type { SliceSet } from "../../data/slice-set";
import { countClasses, dice } from "../../metrics/dice";
import { scoreSubjects } from "../../metrics/subject-scores";
import { bestThreshold, thresholdScores } from "../../metrics/threshold-segmentation";
import { SEQUENCES, TUMOUR_CLASSES, type Sequence } from "../../shape";
import { sha256 } from "../../storage/content-hash";
import { orNull } from "../../storage/json-number";
import { predictClasses } from "../../training/segmentation/segmentation-prediction";
import { runStage, type StageResult } from "../stage";
import type { AuditContext } from "./audit-context";
import { networkSettings, trainNetwork, type NetworkOptions } from "./audit-network";
import { learningSets } from "./difficulty";

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
      /** Dice of all tumour classes together: of the network, and of the two thresholds. */
      wholeTumour: score,
      thresholdFromTraining: score,
      thresholdBestOnTarget: score,
      dice: z.record(z.enum(TUMOUR_CLASSES), score),
    }),
  ),
});
export type TransferResult = z.infer<typeof transferSchema>;

/**
 * Trains the U-Net on one cohort with the sequences that another has, with an augmentation for scanners and readers
 * that are not those of this one, and applies it to that one. Beside it stands a threshold on FLAIR: chosen on the
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
    settings: { ...networkSettings(options), augmentation, sequences, data },
    inputs: {},
    schema: transferSchema,
    run: async (folder, report) => {
      const trained = await trainNetwork(context, options, {
        ...{ train, validation, augmentation, folder, report, data },
      });
      const prediction = predictClasses(trained.network, target);
      trained.params.dispose();
      const { imagesSeen, durationSec } = trained.outcome;
      const result = {
        sequences: [...sequences],
        trainingSubjects: ids.length,
        imagesSeen,
        ...judge(target, prediction, train),
      };
      return { result, durationSec };
    },
  });
}

/** Scores a prediction on the target, and the thresholds beside it. */
function judge(
  target: SliceSet,
  prediction: Uint8Array,
  train: SliceSet,
): Pick<TransferResult, "threshold" | "subjects"> {
  const annotation = masksOf(
    target,
    Array.from({ length: target.count }, (_, n) => n),
  );
  const perClass = scoreSubjects({ ...target, annotation, prediction });
  const whole = wholeTumourDice(target, annotation, prediction);
  const scores = thresholdScores(target, THRESHOLD_SEQUENCE);
  const fromTraining = bestThreshold(thresholdScores(train, THRESHOLD_SEQUENCE));
  const bestHere = bestThreshold(scores);
  const subjects = perClass.map(({ subject, classes }) => {
    const of = target.subjects.indexOf(subject);
    return {
      subject,
      wholeTumour: orNull(whole[of]),
      thresholdFromTraining: orNull(scores.dice[of]?.[fromTraining.index]),
      thresholdBestOnTarget: orNull(scores.dice[of]?.[bestHere.index]),
      dice: {
        necroticCore: orNull(classes.necroticCore.dice),
        edema: orNull(classes.edema.dice),
        enhancingTumour: orNull(classes.enhancingTumour.dice),
      },
    };
  });
  return {
    threshold: { chosenOnTraining: fromTraining.threshold, bestOnTarget: bestHere.threshold },
    subjects,
  };
}

/** Dice of all tumour classes together, one number a subject. */
function wholeTumourDice(
  { subjects, subjectOf, size }: SliceSet,
  annotation: Uint8Array,
  prediction: Uint8Array,
): readonly number[] {
  return subjects.map((_, subject) => {
    const slices = Array.from(subjectOf.keys()).filter((n) => subjectOf[n] === subject);
    const binary = (classes: Uint8Array): Uint8Array => {
      const pixels = size * size;
      const tumour = new Uint8Array(slices.length * pixels);
      slices.forEach((n, i) => {
        tumour.set(
          classes.subarray(n * pixels, (n + 1) * pixels).map((index) => Number(index > 0)),
          i * pixels,
        );
      });
      return tumour;
    };
    const [, counts] = countClasses(binary(annotation), binary(prediction), 2);
    return counts === undefined ? Number.NaN : dice(counts);
  });
}
