import { join } from "node:path";
import { z } from "zod";
import { Rng } from "../../backend/rng";
import { masksOf } from "../../data/batches";
import type { ShardedSlices } from "../../data/sharded-slices";
import type { SliceSet } from "../../data/slice-set";
import { scoreSubjects } from "../../metrics/subject-scores";
import { writeNetwork } from "../../models/weights/network-file";
import { TUMOUR_CLASSES } from "../../shape";
import { orNull } from "../../storage/json-number";
import { readSafetensors, writeSafetensors } from "../../storage/safetensors";
import { predictClasses } from "../../training/segmentation/segmentation-prediction";
import { trainSegmentation } from "../../training/segmentation/train-segmentation";
import { rowName, segmentationName, type SegmentationCell, type Segmenter } from "../grid/cells";
import type { StudyContext } from "../stage";
import { defineStage, type Need, type StudyStage } from "../study-stage";
import { loopOptions } from "../training-options";
import { openSamples, type SamplesResult } from "./samples";
import { loaded, SliceStore, type SlicesResult } from "./slices";

export const SEGMENTATION_WEIGHTS = "weights.safetensors";
const PREDICTIONS = "test-predictions.safetensors";

/** What people call the networks. */
export const SEGMENTER_TITLE: Readonly<Record<Segmenter, string>> = {
  unet: "U-Net",
  swin: "Swin transformer",
};

/** As network files name them. */
const NETWORK_KIND: Readonly<Record<Segmenter, string>> = { unet: "unet", swin: "upernet-swin" };

/** Dice of one test subject a class; null where neither annotation nor prediction has the class. */
const subjectSchema = z.object({
  subject: z.string(),
  dice: z.object({
    necroticCore: z.number().nullable(),
    edema: z.number().nullable(),
    enhancingTumour: z.number().nullable(),
  }),
});
const validationSchema = z.object({ imagesSeen: z.number(), dice: z.number().nullable() });
const schema = z.object({
  parameters: z.number(),
  /** Different slices; those that are repeated to balance real and synthetic ones count once. */
  trainingSlices: z.number(),
  imagesSeen: z.number(),
  imagesPerSec: z.number(),
  validations: z.array(validationSchema),
  best: validationSchema,
  subjects: z.array(subjectSchema),
});
export type SegmentationResult = z.infer<typeof schema>;

/** Share of synthetic slices that train; the rest chooses the best weights. The study: 80/20, by image. */
const SYNTHETIC_TRAINING_SHARE = 0.8;

/** Trains a segmentation network on what its cell says and tests it on the held-out subjects. */
export function segmentationStage(
  context: StudyContext,
  cell: SegmentationCell,
  slices: StudyStage<SlicesResult>,
  samples: StudyStage<SamplesResult> | undefined,
): StudyStage<SegmentationResult> {
  const { profile } = context;
  const { network, config } = profile.segmenters[cell.segmenter];
  const augmentation = cell.augmentation ? profile.augmentation : null;
  const { seed } = cell;
  // The subjects of a generator are settings of its own.
  const real = cell.real ? { subjects: cell.subjects } : null;
  const stage: StudyStage<SegmentationResult> = defineStage<SegmentationResult>({
    name: segmentationName(cell),
    title: `Training the ${SEGMENTER_TITLE[cell.segmenter]} on ${rowName(cell)}, ${cell.subjects} subjects, seed ${seed}`,
    settings: { network, config, augmentation, real, seed },
    inputs: { slices, ...(samples === undefined ? {} : { samples }) },
    schema,
    files: [SEGMENTATION_WEIGHTS, PREDICTIONS],
    work: { kind: workKind(cell), images: config.images },
    run: async (folder, report, need) => {
      const store = new SliceStore(context, need(slices));
      const chosen = chooseSlices(cell, store, samples, need);
      try {
        const trained = await trainSegmentation({
          ...profile.segmenters[cell.segmenter],
          ...chosen,
          ...(augmentation === null ? {} : { augmentation }),
          folder,
          configHash: stage.key,
          // The same initial weights and draws for all rows: only the training images differ.
          rng: Rng.fromSeed(seed).fork("study", "segmentation"),
          loop: loopOptions(context, report),
        });
        const { params, outcome } = trained;
        writeNetwork(join(folder, SEGMENTATION_WEIGHTS), params, {
          kind: NETWORK_KIND[cell.segmenter],
          config: network,
        });
        const { imagesSeen, durationSec } = outcome;
        const result = {
          parameters: params.count,
          trainingSlices: [chosen.train, ...chosen.mixedWith].reduce((sum, { count }) => sum + count, 0),
          imagesSeen,
          imagesPerSec: imagesSeen / durationSec,
          validations: trained.validations.map(plain),
          best: plain(trained.best),
          subjects: testNetwork(trained, store.load("test"), join(folder, PREDICTIONS)),
        };
        params.dispose();
        return { result, durationSec };
      } finally {
        for (const set of [chosen.train, ...chosen.mixedWith]) set.close();
      }
    },
  });
  return stage;
}

/** The predicted class of each test pixel, [N, H, W] flattened, in the order of the test slices. */
export function readPredictions({ folder }: { readonly folder: string }): Uint8Array {
  const stored = readSafetensors(join(folder, PREDICTIONS)).tensors.get("classes");
  if (stored === undefined) throw new Error(`${PREDICTIONS} holds no predictions`);
  return stored.bytes;
}

/** Dice of each class, one number a subject; NaN where it is not defined. */
export function diceByClass({
  subjects,
}: SegmentationResult): Readonly<Record<(typeof TUMOUR_CLASSES)[number], Float64Array>> {
  const of = (name: (typeof TUMOUR_CLASSES)[number]) =>
    Float64Array.from(subjects, ({ dice }) => dice[name] ?? Number.NaN);
  return { necroticCore: of("necroticCore"), edema: of("edema"), enhancingTumour: of("enhancingTumour") };
}

/** Augmentation takes time of its own. */
function workKind({ segmenter, augmentation }: SegmentationCell): string {
  return augmentation ? `${segmenter}-augmented` : segmenter;
}

interface ChosenSlices {
  readonly train: ShardedSlices;
  readonly mixedWith: readonly ShardedSlices[];
  readonly validation: Parameters<typeof trainSegmentation>[0]["validation"];
}

/** Weights are chosen on real subjects where real slices train, else on synthetic slices, as in the study. */
function chooseSlices(
  cell: SegmentationCell,
  store: SliceStore,
  samples: StudyStage<SamplesResult> | undefined,
  need: Need,
): ChosenSlices {
  const synthetic = samples === undefined ? undefined : openSamples(need(samples));
  if (cell.real)
    return {
      train: store.training(cell.subjects),
      mixedWith: synthetic === undefined ? [] : [synthetic.part(0, trainingCount(synthetic))],
      validation: { set: store.load("validation"), score: "subjects" },
    };
  if (synthetic === undefined) throw new Error("a network cannot be trained on synthetic slices without any");
  // Images are drawn independently, so the first of them are a random choice.
  const cut = trainingCount(synthetic);
  return {
    train: synthetic.part(0, cut),
    mixedWith: [],
    validation: { set: loaded(synthetic.part(cut, synthetic.count)), score: "batches" },
  };
}

function trainingCount({ count }: ShardedSlices): number {
  return Math.floor(SYNTHETIC_TRAINING_SHARE * count);
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

function plain({
  imagesSeen,
  dice,
}: {
  readonly imagesSeen: number;
  readonly dice: number;
}): z.infer<typeof validationSchema> {
  return { imagesSeen, dice: orNull(dice) };
}
