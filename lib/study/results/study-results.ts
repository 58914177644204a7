import { z } from "zod";
import { GENERATOR_NAMES } from "../../generators/generator-config";
import { SEQUENCES } from "../../shape";
import { jsonNumber as number } from "../../storage/json-number";
import { SEGMENTERS } from "../grid/cells";

/**
 * Everything that was found in a run of the study, as one plain object. Tables, figures, claims and the report
 * are pure functions of it: they open no other record and train nothing.
 *
 * A number that is not defined (the Dice of a class that neither annotation nor prediction has) is NaN here
 * and null in the file.
 */

const numbers = z.array(number).readonly();
const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const interval = z.object({ estimate: number, low: number, high: number });

/** A training of a generator, as `lib/study/grid/cells.ts` has it. */
export const generatorCell = z.object({
  cohort: z.string(),
  generator: z.enum(GENERATOR_NAMES),
  /** Training subjects. */
  subjects: z.number(),
  seed: z.number(),
});

/** A training of a segmentation network, as `lib/study/grid/cells.ts` has it. */
export const segmentationCell = z.object({
  cohort: z.string(),
  segmenter: z.enum(SEGMENTERS),
  /** Whose images train the network; null: none. */
  generator: z.enum(GENERATOR_NAMES).nullable(),
  /** Whether real slices train it, alone or beside the synthetic ones. */
  real: z.boolean(),
  augmentation: z.boolean(),
  /** Real training subjects, of the network where it sees them and of the generator. */
  subjects: z.number(),
  seed: z.number(),
});

/** Where a number comes from. */
const origin = z.object({
  /** Readable name of the cell or stage, e.g. "unet-diffusion-real-aug-52-s0". */
  name: z.string(),
  /** The record's path, from the run folder. */
  path: z.string(),
  key: z.string(),
  seed: z.number().nullable(),
  /** Commit that computed it; null outside a checkout. */
  commit: z.string().nullable(),
  durationSec: number,
  /** Largest resident size of the process, bytes; NaN where it was not measured. */
  peakMemoryBytes: number,
  /** The resolved settings, as they stand in the record. */
  settings: z.unknown(),
});

/** A quantity as it went in a training; thinned to a few hundred points. */
const curve = z.object({ name: z.string(), imagesSeen: numbers, values: numbers });

const splitPart = z.object({ subjects: z.number(), slices: z.number(), sha256: z.string() });

const cohort = z.object({
  /** As cells name it. A run has one. */
  name: z.string(),
  /** For headings and captions: "simulated cohort, 72 subjects". */
  title: z.string(),
  simulated: z.boolean(),
  /** Whether pictures of its subjects may be shown. */
  mayShow: z.boolean(),
  train: splitPart,
  validation: splitPart,
  test: splitPart,
  /** Hash of the cohort's files; null where they are the user's. */
  sha256: z.string().nullable(),
  /** In what the cohort and its split differ from the study's, a phrase each. */
  notes: list(z.string()),
});

const segmentationRecord = z.object({
  cell: segmentationCell,
  origin,
  /** Test subjects, S. */
  subjects: list(z.string()),
  /** Dice of each test subject as a volume, [S]. */
  dice: z.object({ necroticCore: numbers, edema: numbers, enhancingTumour: numbers }),
  parameters: z.number(),
  trainingSlices: z.number(),
  imagesSeen: z.number(),
  imagesPerSec: number,
  /** Validation Dice, by which weights are chosen. */
  validations: list(z.object({ imagesSeen: z.number(), dice: number })),
  loss: list(curve),
});

const generatorRecord = z.object({
  cell: generatorCell,
  origin,
  weights: z.enum(["trained", "shipped"]),
  /** H = W of its images, pixels. */
  size: z.number(),
  /** Of the network that samples; of all networks in training. */
  parameters: z.object({ generator: z.number(), all: z.number() }),
  imagesSeen: z.number(),
  /** Of the training, also where the weights are shipped. */
  trainingSec: number,
  imagesPerSec: number,
  /** Of the training, bytes. */
  peakMemoryBytes: number,
  loss: list(curve),
  /** The drawing of its images in this run; null where none was made. */
  sampling: z
    .object({
      origin,
      images: z.number(),
      durationSec: number,
      imagesPerSec: number,
      peakMemoryBytes: number,
      /** Images without a tumour pixel. */
      withoutTumour: z.number(),
    })
    .nullable(),
});

/** Histograms of one set of slices, as `imageStatistics` counts them. */
const imageStatistics = z.object({
  slices: z.number(),
  withoutTumour: z.number(),
  /** Area of a pixel, cm2. */
  pixelCm2: z.number(),
  /** Tumour pixels of each slice that has any. */
  tumourPixels: list(z.number()),
  /** Pixels of each class 0 to 3 (rows) in each of 64 bins of grey values (columns); value 0 is left out. */
  grey: z.record(z.enum(SEQUENCES), list(list(z.number()))),
});

/** Statistics of the images of a generator, or of the real training slices. */
const imageRecord = z.object({
  /** Null: the real training slices. */
  cell: generatorCell.nullable(),
  statistics: imageStatistics,
});

/** Image quality in the features of one network, as `lib/metrics/image-quality.ts` gives it. */
export const qualityMeasures = z.object({
  extractor: z.string(),
  /** Whether the extractor is the one that FID, KID and Inception score are defined with. */
  canonical: z.boolean(),
  realCount: z.number(),
  syntheticCount: z.number(),
  featureCount: z.number(),
  frechetDistance: interval,
  kernelDistance: interval,
  precision: interval,
  recall: interval,
  density: interval,
  coverage: interval,
  classScore: interval.nullable(),
  warnings: list(z.string()),
});

const qualityRecord = qualityMeasures.extend({ cell: generatorCell, origin });

/** Best matches with the generator's training slices, of its images and of held-out real slices. */
const memorizationRecord = z.object({
  cell: generatorCell,
  origin,
  sequence: z.enum(SEQUENCES),
  extent: z.enum(["image", "brain"]),
  /** Highest correlation of each synthetic image with any training slice; NaN where it is constant. */
  synthetic: numbers,
  /** The same of each held-out real slice, and its subject as an index. */
  heldOut: numbers,
  heldOutSubject: list(z.number()),
  /** Area under the curve of the membership attack; null where it was not made. */
  membership: interval.nullable(),
  /** Share of images that the distance-ratio test calls copies; NaN where it was not made. */
  copyShare: number,
});

/** Copies of training slices that are moved, mirrored, or alike in features. */
export const copiesMeasures = z.object({
  sequence: z.enum(SEQUENCES),
  moved: z.object({
    images: z.number(),
    reachPixels: z.number(),
    /** 99th percentile of the held-out slices' best correlations over the same poses. */
    threshold: number,
    /** Share of the images above it, and of those in a moved or mirrored pose. */
    shareAbove: number,
    shareMoved: number,
  }),
  features: z.object({
    extractor: z.string(),
    images: z.number(),
    /** Share of images that the distance-ratio test calls copies. */
    copyShare: number,
  }),
});

const copiesRecord = copiesMeasures.extend({ cell: generatorCell, origin });

export const studyResultsSchema = z.object({
  /** Of this layout. */
  format: z.literal("synthmr-results-1"),
  profile: z.object({
    name: z.string(),
    purpose: z.string(),
    /** False where the budgets are too small for the numbers to say anything. */
    meaningful: z.boolean(),
    /** H = W of the slices, pixels. */
    size: z.number(),
    seed: z.number(),
  }),
  /** The command that makes the run again. */
  command: z.string(),
  cohort,
  planned: z.object({ generators: list(generatorCell), segmentation: list(segmentationCell) }),
  /** Why a planned cell has no result, by its name: "weights of stylegan3 are not shipped". */
  missing: list(z.object({ name: z.string(), reason: z.string() })),
  segmentation: list(segmentationRecord),
  generators: list(generatorRecord),
  images: list(imageRecord),
  quality: list(qualityRecord),
  memorization: list(memorizationRecord),
  copies: list(copiesRecord),
  /** Every stage with its record, in the order of the run. */
  stages: list(z.object({ origin, images: z.number().nullable() })),
  /** What the run does otherwise than the study. */
  differences: list(z.object({ what: z.string(), study: z.string(), here: z.string() })),
  /** Package, commit, versions, device. */
  environment: list(z.object({ name: z.string(), value: z.string() })),
});

export type StudyResults = z.infer<typeof studyResultsSchema>;
export type Origin = z.infer<typeof origin>;
export type LossCurve = z.infer<typeof curve>;
export type CohortFacts = z.infer<typeof cohort>;
export type SegmentationRecord = z.infer<typeof segmentationRecord>;
export type GeneratorRecord = z.infer<typeof generatorRecord>;
export type ImageStatistics = z.infer<typeof imageStatistics>;
export type ImageRecord = z.infer<typeof imageRecord>;
export type QualityRecord = z.infer<typeof qualityRecord>;
export type MemorizationRecord = z.infer<typeof memorizationRecord>;
export type CopiesRecord = z.infer<typeof copiesRecord>;
