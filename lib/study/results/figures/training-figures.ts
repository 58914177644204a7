import type { Figure } from "../../../figures/figure";
import { SOURCE_COLOUR, SOURCE_LABEL } from "../../../figures/palette";
import type { Panel, Series } from "../../../figures/panel";
import { panelsFigure } from "../../../figures/panels-figure";
import { GENERATOR_NAMES } from "../../../generators/generator-config";
import { ROW_GENERATORS, type Segmenter } from "../../grid/cells";
import { generatorTitle, realSlices, SEGMENTER_TITLE, sourceOfRow } from "../names";
import type { GeneratorRecord, LossCurve, SegmentationRecord, StudyResults } from "../study-results";

/** Losses of the generators against images seen, one panel a generator. */
export function generatorTrainingFigure(results: StudyResults, widthMm?: number): Figure {
  const { cohort } = results;
  const records = GENERATOR_NAMES.flatMap(
    (name) =>
      results.generators.find(
        ({ cell, loss }) =>
          cell.generator === name && cell.subjects === cohort.train.subjects && loss.length > 0,
      ) ?? [],
  );
  return panelsFigure({
    id: "generator-training",
    title: "Training of the generators",
    caption: `Loss against images seen, trained on ${realSlices(cohort)} slices of ${cohort.train.subjects} subjects (${cohort.title}). Solid: generator or denoiser; dashed: discriminator. The losses of different generators are different quantities.`,
    alternative: records
      .map(
        ({ cell, imagesSeen }) =>
          `${generatorTitle(cell.generator)}: ${imagesSeen.toLocaleString("en-US")} images seen.`,
      )
      .join(" "),
    panels: records.map(generatorPanel),
    columns: 3,
    panelHeightMm: 30,
    panelLeastMm: 34,
    sharedAxes: false,
    key: [],
    ...(widthMm === undefined ? {} : { widthMm }),
  });
}

/** Loss and validation Dice of the segmentation networks without augmentation against images seen. */
export function segmentationTrainingFigure(
  results: StudyResults,
  segmenter: Segmenter,
  widthMm?: number,
): Figure {
  const { cohort } = results;
  const records = ROW_GENERATORS.flatMap((generator) => {
    const found = results.segmentation.find(
      ({ cell }) =>
        cell.segmenter === segmenter &&
        cell.generator === generator &&
        cell.real === (generator === null) &&
        !cell.augmentation &&
        cell.subjects === cohort.train.subjects,
    );
    return found ?? [];
  });
  const losses = records.map((record) => lossSeries(record));
  const scores = records.map(validationSeries);
  const most = Math.max(1, ...records.map(({ imagesSeen }) => imagesSeen)) / 1000;
  const x = { title: "images seen (thousands)", range: [0, 1.03 * most] } as const;
  return panelsFigure({
    id: `segmentation-training-${segmenter}`,
    title: `Training of the ${SEGMENTER_TITLE[segmenter]}`,
    caption: `First training of each row without augmentation (${cohort.title}). Left: training loss. Right: validation Dice, by which weights are chosen: of ${realSlices(cohort)} validation subjects for the network trained on real slices, of synthetic validation images for the others, so the two are not comparable.`,
    alternative: records
      .map(
        ({ cell, validations }) =>
          `${SOURCE_LABEL[sourceOfRow(cell)]}: last validation Dice ${(validations.at(-1)?.dice ?? Number.NaN).toFixed(2)}.`,
      )
      .join(" "),
    panels: [
      { title: "training loss", series: losses, x, y: { title: "loss", range: reach(losses) } },
      { title: "validation Dice", series: scores, x, y: { title: "Dice", range: [0, 1] } },
    ],
    columns: 2,
    panelHeightMm: 44,
    panelLeastMm: 50,
    sharedAxes: false,
    key: records.map(({ cell }) => ({
      colour: SOURCE_COLOUR[sourceOfRow(cell)],
      name: SOURCE_LABEL[sourceOfRow(cell)],
    })),
    ...(widthMm === undefined ? {} : { widthMm }),
  });
}

function generatorPanel({ cell, loss, imagesSeen }: GeneratorRecord): Panel {
  const colour = SOURCE_COLOUR[cell.generator];
  const series = loss.map((curve, i) => lineOf(curve, colour, i > 0));
  return {
    title: generatorTitle(cell.generator),
    series,
    x: { title: "images seen (thousands)", range: [0, Math.max(0.001, (1.02 * imagesSeen) / 1000)] },
    y: { title: loss.length === 1 ? (loss[0]?.name ?? "loss") : "loss", range: reach(series) },
  };
}

function lossSeries({ cell, loss }: SegmentationRecord): Series {
  const [curve = { name: "loss", imagesSeen: [], values: [] }] = loss;
  return { ...lineOf(curve, SOURCE_COLOUR[sourceOfRow(cell)], false), name: SOURCE_LABEL[sourceOfRow(cell)] };
}

function validationSeries({ cell, validations }: SegmentationRecord): Series {
  return {
    name: SOURCE_LABEL[sourceOfRow(cell)],
    colour: SOURCE_COLOUR[sourceOfRow(cell)],
    x: validations.map(({ imagesSeen }) => imagesSeen / 1000),
    y: validations.map(({ dice }) => dice),
    mark: "line and points",
  };
}

function lineOf({ name, imagesSeen, values }: LossCurve, colour: string, dashed: boolean): Series {
  // A line needs two points to be seen.
  const mark = imagesSeen.length < 2 ? "line and points" : "line";
  return { name, colour, x: imagesSeen.map((images) => images / 1000), y: values, mark, dashed };
}

/** From the 1st to the 99th percentile of the values, a little wider: single spikes would hide the rest. */
function reach(series: readonly Series[]): readonly [number, number] {
  const sorted = series
    .flatMap(({ y }) => y)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const [low, high] = [at(0.01), at(0.99)];
  const margin = high > low ? 0.08 * (high - low) : 0.5;
  return [low - margin, high + margin];
}
