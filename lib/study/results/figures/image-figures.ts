import type { Figure } from "../../../figures/figure";
import { CLASS_LABEL, SOURCE_COLOUR, SOURCE_LABEL, type Source } from "../../../figures/palette";
import type { Panel, Series } from "../../../figures/panel";
import { panelsFigure } from "../../../figures/panels-figure";
import { SEQUENCE_LABEL } from "../../../figures/slice-view";
import { BACKGROUND_BELOW } from "../../../metrics/image-rows";
import { SEQUENCES, type Sequence } from "../../../shape";
import { GREY_BINS } from "../image-statistics";
import { realSlices } from "../names";
import { steps } from "../steps";
import type { ImageRecord, ImageStatistics, StudyResults } from "../study-results";

const AREA_BIN_CM2 = 2;
/** Bins of intensities that are drawn together, so that curves are smooth enough to compare. */
const JOINED_BINS = 2;
const CLASS_TITLES = ["brain outside the tumour", ...CLASS_LABEL] as const;

/** Tumour area of the slices of each generator over that of the real training slices. */
export function tumourAreaComparison(results: StudyResults, widthMm?: number): Figure {
  const { cohort } = results;
  const real = results.images.find(({ cell }) => cell === null)?.statistics;
  const generators = atAllSubjects(results);
  const all = [...(real === undefined ? [] : [real]), ...generators.map(({ statistics }) => statistics)];
  const largest = all.flatMap(areas).reduce((most, cm2) => Math.max(most, cm2), AREA_BIN_CM2);
  const bins = Math.ceil(largest / AREA_BIN_CM2);
  const drawn = (statistics: ImageStatistics, source: Source): Series => {
    const { x, y } = steps(areaShares(statistics, bins), 0, AREA_BIN_CM2);
    return { name: SOURCE_LABEL[source], colour: SOURCE_COLOUR[source], x, y, mark: "area" };
  };
  const highest = all
    .flatMap((one) => areaShares(one, bins))
    .reduce((most, share) => Math.max(most, share), 1);
  return panelsFigure({
    id: "tumour-area-comparison",
    title: "Tumour area of real and synthetic slices",
    caption: `Area of the three classes together on slices with a tumour, in bins of ${AREA_BIN_CM2} cm²: ${realSlices(cohort)} training slices (${cohort.title}) and the images of each generator. Shares of the slices that have a tumour; how many have one stands over each panel.`,
    alternative: generators
      .map(
        ({ source, statistics }) =>
          `${SOURCE_LABEL[source]}: ${withTumour(statistics)} with a tumour, median ${median(areas(statistics)).toFixed(1)} cm².`,
      )
      .join(" "),
    panels: generators.map(({ source, statistics }): Panel => ({
      title: SOURCE_LABEL[source],
      note: `${withTumour(statistics)} with a tumour${real === undefined ? "" : `, real ${withTumour(real)}`}`,
      series: [...(real === undefined ? [] : [drawn(real, "real")]), drawn(statistics, source)],
      x: { title: "tumour area (cm²)", range: [0, bins * AREA_BIN_CM2] },
      y: { title: "slices (%)", range: [0, 1.05 * highest] },
    })),
    columns: 3,
    panelHeightMm: 28,
    panelLeastMm: 32,
    sharedAxes: true,
    key: keyOf(results, generators, false),
    ...(widthMm === undefined ? {} : { widthMm }),
  });
}

/** Intensities of each class in each sequence: real slices solid, those of each generator dashed. */
export function intensityComparison(results: StudyResults, widthMm?: number): Figure {
  const { cohort } = results;
  const real = results.images.find(({ cell }) => cell === null)?.statistics;
  const generators = atAllSubjects(results);
  const series = (sequence: Sequence, classIndex: number): readonly Series[] => {
    const of = (statistics: ImageStatistics, source: Source): Series => ({
      name: SOURCE_LABEL[source],
      colour: SOURCE_COLOUR[source],
      ...intensityCurve(statistics.grey[sequence][classIndex] ?? [], classIndex === 0 ? BACKGROUND_BELOW : 1),
      mark: "line",
      dashed: source !== "real",
    });
    return [
      ...generators.map(({ source, statistics }) => of(statistics, source)),
      ...(real === undefined ? [] : [of(real, "real")]),
    ];
  };
  const panels = CLASS_TITLES.flatMap((label, classIndex) => {
    const row = SEQUENCES.map((sequence) => series(sequence, classIndex));
    const highest = row
      .flat()
      .flatMap(({ y }) => y)
      .reduce((most, share) => Math.max(most, share), 1);
    return SEQUENCES.map((sequence, i): Panel => ({
      title: classIndex === 0 ? SEQUENCE_LABEL[sequence] : "",
      note: label,
      series: row[i] ?? [],
      x: { title: "grey value", range: [0, 255] },
      y: { title: "pixels (%)", range: [0, 1.05 * highest] },
    }));
  });
  return panelsFigure({
    id: "intensity-comparison",
    title: "Intensities of real and synthetic slices",
    caption: `Grey values (8 bits, bins of ${(256 / GREY_BINS) * JOINED_BINS}, value 0 left out, outside the tumour all below ${BACKGROUND_BELOW}) of the pixels of each class in each sequence: ${realSlices(cohort)} training slices (${cohort.title}) solid, the images of each generator dashed.`,
    alternative:
      "Sixteen panels of grey-value histograms, four sequences by four classes, real slices against each generator.",
    panels,
    columns: SEQUENCES.length,
    panelHeightMm: 24,
    panelLeastMm: 30,
    sharedAxes: true,
    key: keyOf(results, generators, true),
    ...(widthMm === undefined ? {} : { widthMm }),
  });
}

interface GeneratorImages {
  readonly source: Exclude<Source, "real" | "published" | "heldOut">;
  readonly statistics: ImageStatistics;
}

/** The images of generators that were trained on all subjects, one set a generator. */
function atAllSubjects({ images, cohort }: StudyResults): readonly GeneratorImages[] {
  const found = new Map<string, GeneratorImages>();
  for (const { cell, statistics } of images)
    if (cell !== null && cell.subjects === cohort.train.subjects && !found.has(cell.generator))
      found.set(cell.generator, { source: cell.generator, statistics });
  return [...found.values()];
}

function keyOf(
  { cohort }: StudyResults,
  generators: readonly GeneratorImages[],
  dashed: boolean,
): Parameters<typeof panelsFigure>[0]["key"] {
  return [
    { colour: SOURCE_COLOUR.real, name: realSlices(cohort) },
    ...generators.map(({ source }) => ({
      colour: SOURCE_COLOUR[source],
      name: SOURCE_LABEL[source],
      dashed,
    })),
  ];
}

function areas({ tumourPixels, pixelCm2 }: ImageRecord["statistics"]): readonly number[] {
  return tumourPixels.map((pixels) => pixels * pixelCm2);
}

function areaShares(statistics: ImageStatistics, bins: number): readonly number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const cm2 of areas(statistics)) {
    const bin = Math.min(bins - 1, Math.floor(cm2 / AREA_BIN_CM2));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const total = Math.max(1, statistics.tumourPixels.length);
  return counts.map((count) => (100 * count) / total);
}

function withTumour({ slices, withoutTumour }: ImageStatistics): string {
  return slices === 0 ? "none" : `${(100 * (1 - withoutTumour / slices)).toFixed(0)} %`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** @param from Grey values below are background: around synthetic brains these are seldom 0. */
function intensityCurve(
  all: readonly number[],
  from: number,
): {
  readonly x: readonly number[];
  readonly y: readonly number[];
} {
  const width = 256 / GREY_BINS;
  const counts = all.map((count, bin) => ((bin + 1) * width <= from ? 0 : count));
  const total = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
  const joined = Array.from({ length: GREY_BINS / JOINED_BINS }, (_, bin) =>
    counts.slice(bin * JOINED_BINS, (bin + 1) * JOINED_BINS).reduce((sum, count) => sum + count, 0),
  );
  return {
    x: joined.map((_, bin) => (bin + 0.5) * JOINED_BINS * width),
    y: joined.map((count) => (100 * count) / total),
  };
}
