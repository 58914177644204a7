import { z } from "zod";
import { quantileOfSorted, sortedNumbers } from "../../metrics/quantile";
import { TUMOUR_CLASSES } from "../../shape";
import { writeJsonAtomic } from "../../storage/atomic-write";
import { readJson } from "../../storage/json-file";
import { jsonNumber as number } from "../../storage/json-number";
import { generatorName, segmentationName } from "../grid/cells";
import { memorizationSummary } from "./memorization-shares";
import { nanMean } from "./row-scores";
import type { StudyResults } from "./study-results";

/** Kinds of numbers that two runs of the same study are compared by. */
export const MEASURE_KINDS = [
  "dice",
  "withoutTumour",
  "bestMatch",
  "memorized",
  "relativeFrechetDistance",
  "precision",
  "recall",
] as const;
export type MeasureKind = (typeof MEASURE_KINDS)[number];

const schema = z.strictObject({
  format: z.literal("synthmr-measures-1"),
  profile: z.strictObject({ name: z.string(), size: z.number(), seed: z.number() }),
  /** Package, commit, versions, device. */
  environment: z.array(z.strictObject({ name: z.string(), value: z.string() })).readonly(),
  /** What must be the same to the last byte on every machine: hashes of the cohort and of its slices. */
  hashes: z.array(z.strictObject({ name: z.string(), sha256: z.string() })).readonly(),
  measures: z
    .array(z.strictObject({ kind: z.enum(MEASURE_KINDS), name: z.string(), value: number }))
    .readonly(),
});

/** The numbers of a run in a small file: what a reader with another machine holds theirs against. */
export type RunMeasures = z.infer<typeof schema>;
export type RunMeasure = RunMeasures["measures"][number];

/**
 * The numbers by which a run is compared with another: the mean Dice of each class in each training, the share
 * of images without tumour, the median best match and the share above the held-out slices' 99th percentile,
 * distance, precision and recall in each network's features.
 */
export function runMeasures(results: StudyResults): RunMeasures {
  const { name, size, seed } = results.profile;
  const { cohort, environment } = results;
  const parts = { train: cohort.train, validation: cohort.validation, test: cohort.test };
  return {
    format: "synthmr-measures-1",
    profile: { name, size, seed },
    environment,
    hashes: [
      ...(cohort.sha256 === null ? [] : [{ name: "cohort", sha256: cohort.sha256 }]),
      ...Object.entries(parts).map(([part, { sha256 }]) => ({ name: `${part} slices`, sha256 })),
    ],
    measures: [
      ...diceMeasures(results),
      ...imageMeasures(results),
      ...memorizationMeasures(results),
      ...qualityMeasures(results),
    ],
  };
}

function diceMeasures({ segmentation }: StudyResults): readonly RunMeasure[] {
  return segmentation.flatMap(({ cell, dice }) =>
    TUMOUR_CLASSES.map((name) => ({
      kind: "dice" as const,
      name: `${segmentationName(cell)} ${name}`,
      value: nanMean(dice[name]),
    })),
  );
}

function imageMeasures({ generators }: StudyResults): readonly RunMeasure[] {
  return generators.flatMap(({ cell, sampling }) =>
    sampling === null
      ? []
      : [
          {
            kind: "withoutTumour" as const,
            name: generatorName(cell),
            value: sampling.withoutTumour / sampling.images,
          },
        ],
  );
}

function memorizationMeasures({ memorization }: StudyResults): readonly RunMeasure[] {
  return memorization.flatMap((record) => {
    const name = `${generatorName(record.cell)} ${record.sequence} ${record.extent}`;
    return [
      { kind: "bestMatch", name, value: quantileOfSorted(sortedNumbers(record.synthetic), 0.5) },
      { kind: "memorized", name, value: memorizationSummary(record).shareAbove },
    ] as const;
  });
}

/** The distance is compared as a ratio: its unit is that of the features. */
function qualityMeasures({ quality }: StudyResults): readonly RunMeasure[] {
  return quality.flatMap(({ cell, extractor, frechetDistance, precision, recall }) => {
    const name = `${generatorName(cell)} ${extractor}`;
    return [
      { kind: "relativeFrechetDistance", name, value: frechetDistance.estimate },
      { kind: "precision", name, value: precision.estimate },
      { kind: "recall", name, value: recall.estimate },
    ] as const;
  });
}

/** @throws InputError if the file cannot be written. */
export function writeRunMeasures(path: string, measures: RunMeasures): void {
  writeJsonAtomic(path, measures);
}

/** @throws InputError naming the file and the field at fault. */
export function readRunMeasures(path: string): RunMeasures {
  return readJson(path, schema, "measures of a run", "Make them with synthmr study collect");
}
