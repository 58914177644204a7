import { linearAssociation, type Association } from "../../metrics/association";
import { qualityNames } from "../../metrics/image-quality";
import type { GeneratorName } from "../../generators/generator-config";
import type { Segmenter } from "../grid/cells";
import { rowScores, type RowScores } from "./row-scores";
import type { QualityRecord, StudyResults } from "./study-results";

/** A generator as a point: how good its images are, and how well a network does that saw nothing else. */
export interface QualityPoint {
  readonly generator: GeneratorName;
  readonly quality: QualityRecord;
  readonly row: RowScores;
  readonly dice: number;
}

/** A measure of image quality against Dice over generators. */
export interface QualityAgainstDice {
  readonly measure: string;
  /** 1 where a larger value promises better images, -1 where a smaller one does. */
  readonly better: 1 | -1;
  readonly points: readonly QualityPoint[];
  readonly values: readonly number[];
  readonly association: Association;
}

/** The generators that have both a quality by an extractor and a Dice without real slices and augmentation. */
export function qualityPoints(
  results: StudyResults,
  extractor: string,
  segmenter: Segmenter,
): readonly QualityPoint[] {
  const subjects = results.cohort.train.subjects;
  const seen = new Set<GeneratorName>();
  return results.quality.flatMap((quality) => {
    const { generator } = quality.cell;
    if (quality.extractor !== extractor || quality.cell.subjects !== subjects || seen.has(generator))
      return [];
    const row = rowScores(results, {
      segmenter,
      row: { generator, real: false, augmentation: false },
      subjects,
    });
    if (row.mean.count === 0) return [];
    seen.add(generator);
    return [{ generator, quality, row, dice: row.mean.mean }];
  });
}

/** Fréchet distance and class score of an extractor against Dice; a measure that is missing is left out. */
export function qualityAgainstDice(
  results: StudyResults,
  extractor: string,
  segmenter: Segmenter,
): readonly QualityAgainstDice[] {
  const points = qualityPoints(results, extractor, segmenter);
  const canonical = points.some(({ quality }) => quality.canonical);
  const names = qualityNames({ extractor, canonical });
  const against = (
    measure: string,
    better: 1 | -1,
    valueOf: (quality: QualityRecord) => number,
  ): readonly QualityAgainstDice[] => {
    const known = points.filter(({ quality }) => !Number.isNaN(valueOf(quality)));
    const values = known.map(({ quality }) => valueOf(quality));
    const association = linearAssociation(
      values,
      known.map(({ dice }) => dice),
    );
    return known.length === 0 ? [] : [{ measure, better, points: known, values, association }];
  };
  return [
    ...against(names.frechetDistance, -1, ({ frechetDistance }) => frechetDistance.estimate),
    ...against(names.classScore, 1, ({ classScore }) => classScore?.estimate ?? Number.NaN),
  ];
}

/** The extractor that speaks for the run: the canonical one where it was used, else the first. */
export function leadingExtractor({ quality }: Pick<StudyResults, "quality">): string | undefined {
  return (quality.find(({ canonical }) => canonical) ?? quality[0])?.extractor;
}
