import type { Rng } from "../../backend/rng";
import { bootstrap, meanAt, type Interval } from "../../metrics/bootstrap";
import { summariseSeeds, type SeedSummary } from "../../metrics/seed-summary";
import { TUMOUR_CLASSES, type TumourClass } from "../../shape";
import type { SegmentationCell, Segmenter, TrainingRow } from "../grid/cells";
import type { SegmentationRecord, StudyResults } from "./study-results";

/** Trainings that differ by their seed alone: a row of a table. */
export interface RowPlace {
  readonly segmenter: Segmenter;
  readonly row: TrainingRow;
  /** Training subjects. */
  readonly subjects: number;
}

/** What was planned of a row, and what was found. */
export interface RowScores extends RowPlace {
  /** Trainings that the run plans. */
  readonly planned: number;
  /** Those that are finished, one a seed. */
  readonly records: readonly SegmentationRecord[];
  /** Mean over test subjects, then mean and spread over seeds, as a cell of the study's tables. */
  readonly perClass: Readonly<Record<TumourClass, SeedSummary>>;
  /** The same of the average of the three class means. */
  readonly mean: SeedSummary;
}

/** Dice of each test subject, averaged over seeds: what rows are tested by. */
export interface SubjectDice {
  readonly subjects: readonly string[];
  /** [S]; NaN where no seed has a value. */
  readonly dice: Readonly<Record<TumourClass, readonly number[]>>;
  readonly seeds: number;
}

/** Gathers the trainings of a row and sums them up. */
export function rowScores(results: StudyResults, place: RowPlace): RowScores {
  const records = results.segmentation
    .filter(({ cell }) => isOf(cell, place))
    .sort((a, b) => a.cell.seed - b.cell.seed);
  const overSeeds = (measure: DiceMeasure): SeedSummary =>
    summariseSeeds(records.map((record) => trainingDice(record, measure)));
  return {
    ...place,
    planned: results.planned.segmentation.filter((cell) => isOf(cell, place)).length,
    records,
    perClass: {
      necroticCore: overSeeds("necroticCore"),
      edema: overSeeds("edema"),
      enhancingTumour: overSeeds("enhancingTumour"),
    },
    mean: overSeeds("mean"),
  };
}

/**
 * Averages each test subject's Dice over the seeds of a row.
 *
 * @throws RangeError if two of the trainings were not tested on the same subjects.
 */
export function subjectDice({ records }: Pick<RowScores, "records">): SubjectDice {
  const subjects = records[0]?.subjects ?? [];
  for (const { subjects: others, origin } of records)
    if (others.join("\n") !== subjects.join("\n"))
      throw new RangeError(
        `${origin.name} was tested on other subjects than ${records[0]?.origin.name ?? ""}`,
      );
  const of = (name: TumourClass): readonly number[] =>
    subjects.map((_, subject) => nanMean(records.map(({ dice }) => dice[name][subject] ?? Number.NaN)));
  return {
    subjects,
    dice: { necroticCore: of("necroticCore"), edema: of("edema"), enhancingTumour: of("enhancingTumour") },
    seeds: records.length,
  };
}

/** One class, or the mean of the three class means, of which those that no subject has are left out. */
export type DiceMeasure = TumourClass | "mean";

/** Dice of one training over some test subjects, all where left out; NaN where none has a value. */
export function trainingDice(
  { dice }: Pick<SegmentationRecord, "dice">,
  measure: DiceMeasure,
  positions?: Int32Array,
): number {
  const of = (name: TumourClass): number => meanAt(dice[name], positions ?? dice[name].keys());
  return measure === "mean" ? nanMean(TUMOUR_CLASSES.map(of)) : of(measure);
}

/**
 * Dice of a row over some subjects, all where left out: that of each training, averaged, as a cell of the tables.
 * Averaging each subject's trainings first would count a subject that lacks a class, and where one training
 * found it nevertheless, as often as the others.
 */
export function meanDice(
  { records }: Pick<RowScores, "records">,
  measure: DiceMeasure,
  positions?: Int32Array,
): number {
  return nanMean(records.map((record) => trainingDice(record, measure, positions)));
}

/** Dice of a row with its 95 % interval over test subjects. */
export function meanDiceInterval(row: RowScores, measure: DiceMeasure, rng: Rng): Interval {
  const { subjects } = subjectDice(row);
  return bootstrap(subjects.length, (positions) => meanDice(row, measure, positions), { rng });
}

/** Mean of the values that are there; NaN where none is. */
export function nanMean(values: readonly number[]): number {
  return meanAt(values, values.keys());
}

function isOf(cell: SegmentationCell, { segmenter, row, subjects }: RowPlace): boolean {
  return (
    cell.segmenter === segmenter &&
    cell.subjects === subjects &&
    cell.generator === row.generator &&
    cell.real === row.real &&
    cell.augmentation === row.augmentation
  );
}
