import { join } from "node:path";
import { z } from "zod";
import { masksOf } from "../../data/batches";
import { selectSlices, type SliceSet } from "../../data/slice-set";
import { writeNetwork } from "../../models/weights/network-file";
import { scoreSubjects } from "../../metrics/subject-scores";
import { TUMOUR_CLASSES } from "../../shape";
import { readSafetensors, writeSafetensors } from "../../storage/safetensors";
import { predictClasses } from "../../training/segmentation/segmentation-prediction";
import { trainSegmentation } from "../../training/segmentation/train-segmentation";
import { runStage, type StageResult, type StudyContext } from "../stage";
import { loopOptions } from "../training-options";
import type { SamplesResult } from "./samples";
import type { SlicesResult, SplitSlices } from "./slices";

const WEIGHTS = "weights.safetensors";
const PREDICTIONS = "test-predictions.safetensors";

/** What a segmentation network is trained on. */
export type TrainingSource = "real" | "synthetic";

/** Dice of one test subject a class; null where neither annotation nor prediction has the class. */
const subjectSchema = z.object({
  subject: z.string(),
  dice: z.object({
    necroticCore: z.number().nullable(),
    edema: z.number().nullable(),
    enhancingTumour: z.number().nullable(),
  }),
});
const schema = z.object({
  source: z.enum(["real", "synthetic"]),
  parameters: z.number(),
  trainingSlices: z.number(),
  imagesSeen: z.number(),
  imagesPerSec: z.number(),
  validations: z.array(z.object({ imagesSeen: z.number(), dice: z.number().nullable() })),
  best: z.object({ imagesSeen: z.number(), dice: z.number().nullable() }),
  subjects: z.array(subjectSchema),
});
export type SegmentationResult = z.infer<typeof schema>;

/** Share of synthetic slices that train; the rest chooses the best weights. The study: 80/20, by image. */
const SYNTHETIC_TRAINING_SHARE = 0.8;

/** Trains a U-Net on real or on synthetic slices and tests it on the held-out subjects. */
export async function segmentationStage(
  context: StudyContext,
  source: TrainingSource,
  inputs: { readonly slices: StageResult<SlicesResult>; readonly samples?: StageResult<SamplesResult> },
  data: { readonly real: SplitSlices; readonly synthetic?: SliceSet },
): Promise<StageResult<SegmentationResult>> {
  const { profile, rng } = context;
  const { network, training: config } = profile.segmentation;
  const { slices, samples } = inputs;
  const keys = { slices, ...(samples === undefined ? {} : { samples }) };
  return runStage<SegmentationResult>(context, {
    name: `segmentation-${source}`,
    title: `Training the U-Net on ${source} slices`,
    settings: { network, config, seed: profile.seed },
    inputs: keys,
    schema,
    files: [WEIGHTS, PREDICTIONS],
    run: async (folder, report) => {
      const { train, validation } = chooseSets(source, data);
      const trained = await trainSegmentation({
        network,
        config,
        train,
        validation,
        folder,
        configHash: JSON.stringify([slices.key, samples?.key, network, config, profile.seed]),
        // The same initial weights and draws for both sources: only the training images differ.
        rng: rng.fork("segmentation"),
        loop: loopOptions(context, report),
      });
      const { params, outcome } = trained;
      writeNetwork(join(folder, WEIGHTS), params, { kind: "unet", config: network });
      const subjects = testNetwork(trained, data.real.test, join(folder, PREDICTIONS));
      const result = {
        source,
        parameters: params.count,
        trainingSlices: train.count,
        imagesSeen: outcome.imagesSeen,
        imagesPerSec: outcome.imagesSeen / outcome.durationSec,
        validations: trained.validations.map(({ imagesSeen, dice }) => ({ imagesSeen, dice: orNull(dice) })),
        best: { imagesSeen: trained.best.imagesSeen, dice: orNull(trained.best.dice) },
        subjects,
      };
      params.dispose();
      return { result, durationSec: outcome.durationSec };
    },
  });
}

/** The predicted class of each test pixel, [N, H, W] flattened, in the order of the test slices. */
export function readPredictions({ folder }: { readonly folder: string }): Uint8Array {
  const stored = readSafetensors(join(folder, PREDICTIONS)).tensors.get("classes");
  if (stored === undefined) throw new Error(`${PREDICTIONS} holds no predictions`);
  return stored.bytes;
}

function chooseSets(
  source: TrainingSource,
  { real, synthetic }: { readonly real: SplitSlices; readonly synthetic?: SliceSet },
): Pick<Parameters<typeof trainSegmentation>[0], "train" | "validation"> {
  if (source === "real")
    return { train: real.train, validation: { set: real.validation, score: "subjects" } };
  if (synthetic === undefined) throw new Error("a network cannot be trained on synthetic slices without any");
  // Seeds are drawn independently, so the first 80 % are a random choice.
  const cut = Math.floor(SYNTHETIC_TRAINING_SHARE * synthetic.count);
  const part = (first: number, end: number) =>
    selectSlices(
      synthetic,
      Array.from({ length: end - first }, (_, i) => first + i),
    );
  return { train: part(0, cut), validation: { set: part(cut, synthetic.count), score: "batches" } };
}

function testNetwork(
  { network }: Awaited<ReturnType<typeof trainSegmentation>>,
  test: SliceSet,
  path: string,
): SegmentationResult["subjects"] {
  const prediction = predictClasses(network, test);
  const shape = [test.count, test.size, test.size];
  writeSafetensors(path, {
    tensors: new Map([["classes", { dtype: "U8", shape, bytes: prediction }]]),
    metadata: {},
  });
  const annotation = masksOf(
    test,
    Array.from({ length: test.count }, (_, n) => n),
  );
  return scoreSubjects({ ...test, annotation, prediction }).map(({ subject, classes }) => ({
    subject,
    dice: {
      necroticCore: orNull(classes.necroticCore.dice),
      edema: orNull(classes.edema.dice),
      enhancingTumour: orNull(classes.enhancingTumour.dice),
    },
  }));
}

/** JSON has no NaN: null stands for "not defined". */
function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/** Dice of each class, one number a subject; NaN where it is not defined. */
export function diceByClass({
  subjects,
}: SegmentationResult): Readonly<Record<(typeof TUMOUR_CLASSES)[number], Float64Array>> {
  const of = (name: (typeof TUMOUR_CLASSES)[number]) =>
    Float64Array.from(subjects, ({ dice }) => dice[name] ?? Number.NaN);
  return { necroticCore: of("necroticCore"), edema: of("edema"), enhancingTumour: of("enhancingTumour") };
}
