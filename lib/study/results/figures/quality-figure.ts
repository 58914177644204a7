import type { Figure } from "../../../figures/figure";
import { SOURCE_COLOUR, SOURCE_LABEL } from "../../../figures/palette";
import type { Panel } from "../../../figures/panel";
import { panelsFigure } from "../../../figures/panels-figure";
import { written } from "../../../figures/table";
import type { Rng } from "../../../backend/rng";
import { intervalRng } from "../interval-rng";
import { meanDiceInterval } from "../row-scores";
import { testSubjects } from "../names";
import { qualityAgainstDice, type QualityAgainstDice } from "../quality-and-dice";
import type { StudyResults } from "../study-results";

/** Each measure of image quality against the Dice of a U-Net trained on the images alone, one point a generator. */
export function qualityDiceFigure(results: StudyResults, extractor: string, widthMm?: number): Figure {
  const { cohort } = results;
  const measures = qualityAgainstDice(results, extractor, "unet");
  const points = measures[0]?.points ?? [];
  const rng = intervalRng(results).fork("unet");
  return panelsFigure({
    id: "quality-dice",
    title: "Image quality against Dice",
    caption: `Measures of image quality against the mean Dice of a U-Net trained on the synthetic slices alone, without augmentation, on held-out ${testSubjects(cohort)} (${cohort.title}); one point a generator, n = ${points.length}, with the 95 % interval of its Dice over test subjects. Features of ${extractor}. r: Pearson's correlation with its 95 % interval after Fisher; p of all orders of the generators.`,
    alternative: measures.map(describe).join(" "),
    panels: measures.map((measure) => panelOf(measure, rng)),
    columns: 2,
    panelHeightMm: 44,
    panelLeastMm: 48,
    sharedAxes: false,
    key: points.map(({ generator }) => ({ colour: SOURCE_COLOUR[generator], name: SOURCE_LABEL[generator] })),
    widthMm: widthMm ?? (measures.length === 1 ? 88 : 150),
  });
}

function panelOf({ measure, points, values, association }: QualityAgainstDice, rng: Rng): Panel {
  const { r, pValue } = association;
  const intervals = points.map(({ row }) => meanDiceInterval(row, "mean", rng));
  return {
    title: "",
    note: `r = ${written(r.estimate, 2)} (${written(r.low, 2)} to ${written(r.high, 2)}), p = ${written(pValue, 2)}`,
    series: points.map(({ generator, dice }, i) => ({
      name: SOURCE_LABEL[generator],
      colour: SOURCE_COLOUR[generator],
      x: [values[i] ?? Number.NaN],
      y: [dice],
      low: [intervals[i]?.low ?? Number.NaN],
      high: [intervals[i]?.high ?? Number.NaN],
      thinIntervals: true,
      mark: "points",
    })),
    x: { title: measure, range: padded(values) },
    y: {
      title: "mean Dice",
      range: padded(intervals.flatMap(({ estimate, low, high }) => [estimate, low, high])),
    },
  };
}

/** The values' own range with a tenth of it on either side. */
function padded(values: readonly number[]): readonly [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = high > low ? 0.12 * (high - low) : 0.1 * Math.max(Math.abs(high), 0.1);
  return [low - margin, high + margin];
}

function describe({ measure, points, values }: QualityAgainstDice): string {
  const pairs = points.map(
    ({ generator, dice }, i) =>
      `${SOURCE_LABEL[generator]} ${(values[i] ?? 0).toPrecision(3)} and ${dice.toFixed(2)}`,
  );
  return `${measure} and Dice: ${pairs.join(", ")}.`;
}
