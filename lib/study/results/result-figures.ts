import type { Figure } from "../../figures/figure";
import { InputError } from "../../errors";
import { SEGMENTERS } from "../grid/cells";
import { diceCellsFigure, diceSubjectsFigure } from "./figures/dice-figures";
import { intensityComparison, tumourAreaComparison } from "./figures/image-figures";
import { memorizationCurveFigure, memorizationDistributionsFigure } from "./figures/memorization-figures";
import { montage, OVERLAY_BLOCKS, overlayPredictions, overlays, pairs } from "./figures/picture-figures";
import { qualityDiceFigure } from "./figures/quality-figure";
import { generatorTrainingFigure, segmentationTrainingFigure } from "./figures/training-figures";
import { leadingExtractor, qualityPoints } from "./quality-and-dice";
import { intervalRng } from "./interval-rng";
import type { StudyPictures } from "./study-pictures";
import type { StudyResults } from "./study-results";

/** How a figure is made: at a width in mm, or at its own. */
export type FigureMaker = (widthMm?: number) => Figure;

/** Every figure that a run has the records for, by its name, in the order of the report. */
export function resultFigures(
  results: StudyResults,
  pictures: StudyPictures,
): ReadonlyMap<string, FigureMaker> {
  return new Map([
    ...pictureFigures(results, pictures),
    ...diceFigures(results),
    ...memorizationFigures(results),
    ...imageFigures(results),
    ...trainingFigures(results),
  ]);
}

/**
 * One figure of a run.
 *
 * @throws InputError if the run has none of that name.
 */
export function makeFigure(
  results: StudyResults,
  pictures: StudyPictures,
  name: string,
  widthMm?: number,
): Figure {
  const figures = resultFigures(results, pictures);
  const make = figures.get(name);
  if (make === undefined)
    throw new InputError(
      `figure ${name}`,
      "is not known, or the run has no record for it",
      `Choose one of ${[...figures.keys()].join(", ")}`,
    );
  return make(widthMm);
}

type Named = readonly (readonly [string, FigureMaker])[];

function pictureFigures(results: StudyResults, pictures: StudyPictures): Named {
  const { generators, overlays: overlaid, pairs: paired } = pictures;
  return [
    ...named("generator-montage", generators.length > 0, (width) => montage(results, pictures, width)),
    ...(overlaid === null
      ? []
      : OVERLAY_BLOCKS.flatMap((block) =>
          named(block.id, overlayPredictions(overlaid, block).length > 0, () => overlays(overlaid, block)),
        )),
    ...named("generator-pairs", paired.length > 0, () => pairs(results, paired)),
  ];
}

function diceFigures(results: StudyResults): Named {
  const rng = intervalRng(results);
  return SEGMENTERS.flatMap((segmenter) => {
    const records = results.segmentation.filter(({ cell }) => cell.segmenter === segmenter);
    const ofAllSubjects = records.some(({ cell }) => cell.subjects === results.cohort.train.subjects);
    const counts = new Set(records.filter(({ cell }) => cell.real).map(({ cell }) => cell.subjects));
    return [
      ...named(`dice-cells-${segmenter}`, ofAllSubjects, (width) =>
        diceCellsFigure(results, segmenter, rng.fork(segmenter), width),
      ),
      ...named(`dice-subjects-${segmenter}`, counts.size > 1, (width) =>
        diceSubjectsFigure(results, segmenter, rng.fork(segmenter), width),
      ),
    ];
  });
}

function memorizationFigures(results: StudyResults): Named {
  const records = results.memorization.filter(({ extent }) => extent === "image");
  const counts = new Set(records.map(({ cell }) => cell.subjects));
  const rng = intervalRng(results).fork("memorization");
  return [
    ...named("memorization-distributions", records.length > 0, (width) =>
      memorizationDistributionsFigure(results, width),
    ),
    ...named("memorization-curve", counts.size > 1, (width) => memorizationCurveFigure(results, rng, width)),
  ];
}

function imageFigures(results: StudyResults): Named {
  const extractor = leadingExtractor(results);
  const points = extractor === undefined ? [] : qualityPoints(results, extractor, "unet");
  const generators = results.images.filter(({ cell }) => cell?.subjects === results.cohort.train.subjects);
  return [
    ...(extractor === undefined
      ? []
      : named("quality-dice", points.length > 0, (width) => qualityDiceFigure(results, extractor, width))),
    ...named("tumour-area-comparison", generators.length > 0, (width) =>
      tumourAreaComparison(results, width),
    ),
    ...named("intensity-comparison", generators.length > 0, (width) => intensityComparison(results, width)),
  ];
}

function trainingFigures(results: StudyResults): Named {
  const { train } = results.cohort;
  const curves = results.generators.some(
    ({ cell, loss }) => cell.subjects === train.subjects && loss.length > 0,
  );
  return [
    ...named("generator-training", curves, (width) => generatorTrainingFigure(results, width)),
    ...SEGMENTERS.flatMap((segmenter) =>
      named(
        `segmentation-training-${segmenter}`,
        results.segmentation.some(
          ({ cell }) =>
            cell.segmenter === segmenter &&
            cell.subjects === train.subjects &&
            !cell.augmentation &&
            cell.real === (cell.generator === null),
        ),
        (width) => segmentationTrainingFigure(results, segmenter, width),
      ),
    ),
  ];
}

/** A figure by its name; none where its records are missing. */
function named(name: string, exists: boolean, make: FigureMaker): Named {
  return exists ? [[name, make]] : [];
}
