import { imageStatistics } from "../results/image-statistics";
import type {
  CopiesRecord,
  GeneratorRecord,
  ImageRecord,
  MemorizationRecord,
  QualityRecord,
  SegmentationRecord,
} from "../results/study-results";
import type { GeneratorCell, SegmentationCell } from "../grid/cells";
import { readFinished, type StageResult } from "../stage";
import { readMemorization } from "../stages/memorization";
import { openSamples } from "../stages/samples";
import { diceByClass } from "../stages/segmentation";
import type { SlicesResult } from "../stages/slices";
import { SliceStore } from "../stages/slices";
import type { StudyStage } from "../study-stage";
import type { Study } from "../study";
import { readTrainingLog } from "../training-log";
import { lossCurves, originOf } from "./origin";

/** What was found for a training of a segmentation network; undefined where it is not finished. */
export function segmentationRecord(study: Study, cell: SegmentationCell): SegmentationRecord | undefined {
  const record = finished(study, study.stages.segmentation(cell));
  if (record === undefined) return undefined;
  const { result } = record;
  const dice = diceByClass(result);
  return {
    cell,
    origin: originOf(record, cell.seed),
    subjects: result.subjects.map(({ subject }) => subject),
    dice: {
      necroticCore: [...dice.necroticCore],
      edema: [...dice.edema],
      enhancingTumour: [...dice.enhancingTumour],
    },
    parameters: result.parameters,
    trainingSlices: result.trainingSlices,
    imagesSeen: result.imagesSeen,
    imagesPerSec: result.imagesPerSec,
    validations: result.validations.map(({ imagesSeen, dice: score }) => ({
      imagesSeen,
      dice: score ?? Number.NaN,
    })),
    loss: lossCurves(record),
  };
}

/** What was found for a training of a generator; undefined where it is not finished, or its images are published. */
export function generatorRecord(study: Study, cell: GeneratorCell): GeneratorRecord | undefined {
  if (study.context.publishedSamples?.[cell.generator] !== undefined) return undefined;
  const record = finished(study, study.stages.generator(cell));
  if (record === undefined) return undefined;
  const { weights, size, parameters, imagesSeen, trainingSec, imagesPerSec } = record.result;
  const origin = originOf(record, cell.seed);
  return {
    cell,
    origin,
    weights,
    size,
    parameters,
    imagesSeen,
    trainingSec,
    imagesPerSec,
    peakMemoryBytes: weights === "trained" ? origin.peakMemoryBytes : loggedMemory(record),
    loss: [...lossCurves(record)],
    sampling: samplingOf(study, cell),
  };
}

/** Histograms of the real training slices and of the images of each generator that has any. */
export function imageRecords(
  study: Study,
  slices: StageResult<SlicesResult>,
  cells: readonly GeneratorCell[],
): readonly ImageRecord[] {
  const real = new SliceStore(study.context, slices).part("train");
  const records: ImageRecord[] = [{ cell: null, statistics: imageStatistics(real) }];
  real.close();
  for (const cell of cells) {
    const samples = finished(study, study.stages.samples(cell));
    if (samples === undefined) continue;
    const images = openSamples(samples);
    records.push({ cell, statistics: imageStatistics(images) });
    images.close();
  }
  return records;
}

/** Image quality of a generator in the features of each network; empty where it is not finished. */
export function qualityRecords(study: Study, cell: GeneratorCell): readonly QualityRecord[] {
  const record = finished(study, study.stages.imageQuality(cell));
  if (record === undefined) return [];
  const origin = originOf(record, cell.seed);
  return record.result.measures.map((measures) => ({ cell, origin, ...measures }));
}

/** Memorization of a generator, for the whole image and for the brain; empty where it is not finished. */
export function memorizationRecords(study: Study, cell: GeneratorCell): readonly MemorizationRecord[] {
  const record = finished(study, study.stages.memorization(cell));
  if (record === undefined) return [];
  const origin = originOf(record, cell.seed);
  const { sequence, summaries, copyShare } = record.result;
  return readMemorization(record).map(({ synthetic, heldOut, heldOutSubject }) => ({
    cell,
    origin,
    sequence,
    extent: synthetic.extent,
    synthetic: [...synthetic.r],
    heldOut: [...heldOut.r],
    heldOutSubject,
    membership: summaries.find(({ extent }) => extent === synthetic.extent)?.membership ?? null,
    // The test compares whole images.
    copyShare: synthetic.extent === "image" ? copyShare : Number.NaN,
  }));
}

/** Moved copies and copies in features of a generator; empty where the stage is not finished. */
export function copiesRecords(study: Study, cell: GeneratorCell): readonly CopiesRecord[] {
  const record = finished(study, study.stages.copies(cell));
  return record === undefined ? [] : [{ cell, origin: originOf(record, cell.seed), ...record.result }];
}

/** Largest resident size that the log of a training elsewhere tells of, bytes. */
function loggedMemory(record: StageResult<unknown>): number {
  return readTrainingLog(record).reduce((most, { residentMb }) => Math.max(most, residentMb), 0) * 2 ** 20;
}

function samplingOf(study: Study, cell: GeneratorCell): GeneratorRecord["sampling"] {
  const record = finished(study, study.stages.samples(cell));
  if (record === undefined) return null;
  const origin = originOf(record, cell.seed);
  const { images, imagesPerSec, withoutTumour } = record.result;
  const { durationSec, peakMemoryBytes } = origin;
  return {
    origin,
    images,
    durationSec,
    imagesPerSec: imagesPerSec ?? Number.NaN,
    peakMemoryBytes,
    withoutTumour,
  };
}

function finished<R>({ context }: Study, stage: StudyStage<R>): StageResult<R> | undefined {
  return readFinished(context, stage);
}
