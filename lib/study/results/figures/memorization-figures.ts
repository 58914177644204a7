import type { Rng } from "../../../backend/rng";
import type { Figure } from "../../../figures/figure";
import { SOURCE_COLOUR, SOURCE_LABEL } from "../../../figures/palette";
import type { Panel, Series } from "../../../figures/panel";
import { panelsFigure } from "../../../figures/panels-figure";
import { SEQUENCE_LABEL } from "../../../figures/slice-view";
import { GENERATOR_NAMES } from "../../../generators/generator-config";
import { bootstrapShares, memorizationSummary } from "../memorization-shares";
import { generatorTitle, realSlices } from "../names";
import { steps } from "../steps";
import type { MemorizationRecord, StudyResults } from "../study-results";
import { imagesSeenBy, likeBudget, type LikeBudget } from "../training-budgets";

const BINS = 40;

/** Distributions of the best match over the held-out reference, of each generator at each number of training subjects. */
export function memorizationDistributionsFigure(results: StudyResults, widthMm?: number): Figure {
  const { cohort } = results;
  const records = GENERATOR_NAMES.flatMap((name) => ofGenerator(results, name));
  const values = records
    .flatMap(({ synthetic, heldOut }) => [...synthetic, ...heldOut])
    .filter(Number.isFinite);
  const low = Math.floor(50 * values.reduce((least, r) => Math.min(least, r), 1)) / 50;
  const high = Math.min(1.01, Math.ceil(50 * values.reduce((most, r) => Math.max(most, r), 0)) / 50 + 0.01);
  const [first] = records;
  return panelsFigure({
    id: "memorization-distributions",
    title: "Best correlation with a training slice, all generators",
    caption: `Highest Pearson correlation of each image with any training slice (${first === undefined ? "" : SEQUENCE_LABEL[first.sequence]}, whole image; ${cohort.title}): images of each generator, and held-out ${realSlices(cohort)} slices as the reference. Dotted: 99th percentile of the held-out slices, above which 1 % of them lie.`,
    alternative: records.map(describe).join(" "),
    panels: records.map((record): Panel => {
      const { shareAbove, threshold } = memorizationSummary(record);
      const source = record.cell.generator;
      return {
        title: generatorTitle(source),
        note: `${record.cell.subjects} subjects; ${(100 * shareAbove).toFixed(1)} % above`,
        series: [
          histogram(record.heldOut, low, high, SOURCE_COLOUR.heldOut, "held-out real"),
          histogram(record.synthetic, low, high, SOURCE_COLOUR[source], generatorTitle(source)),
        ],
        x: { title: "highest correlation", range: [low, high] },
        y: { title: "images (%)", range: [0, 1.05 * highestShare(records, low, high)] },
        lines: Number.isNaN(threshold) ? [] : [{ at: threshold, axis: "x" }],
      };
    }),
    columns: 3,
    panelHeightMm: 30,
    panelLeastMm: 32,
    sharedAxes: true,
    key: [
      ...[...new Set(records.map(({ cell }) => cell.generator))].map((generator) => ({
        colour: SOURCE_COLOUR[generator],
        name: generatorTitle(generator),
      })),
      { colour: SOURCE_COLOUR.heldOut, name: `held-out ${realSlices(cohort)}` },
    ],
    ...(widthMm === undefined ? {} : { widthMm }),
  });
}

/** Share of images above the reference's 99th percentile against the number of training subjects. */
export function memorizationCurveFigure(results: StudyResults, rng: Rng, widthMm?: number): Figure {
  const { cohort } = results;
  const counts = [...new Set(wholeImage(results).map(({ cell }) => cell.subjects))].sort((a, b) => a - b);
  const series = GENERATOR_NAMES.flatMap((generator): Series[] => {
    const records = ofGenerator(results, generator);
    if (records.length === 0) return [];
    const shares = records.map((record) => bootstrapShares([record], ([share = NaN]) => share, rng));
    return [
      {
        name: SOURCE_LABEL[generator],
        colour: SOURCE_COLOUR[generator],
        x: records.map(({ cell }) => cell.subjects * shiftOf(results, cell)),
        y: shares.map(({ estimate }) => 100 * estimate),
        low: shares.map(({ low }) => 100 * low),
        high: shares.map(({ high }) => 100 * high),
        // A line would say that the points differ by their subjects alone.
        mark: budgetOf(results, generator) === undefined ? "points" : "line and points",
      },
    ];
  });
  const highest = Math.max(2, ...series.flatMap(({ high }) => high ?? []).filter(Number.isFinite));
  const [first = 1, last = 1] = [counts[0], counts.at(-1)];
  return panelsFigure({
    id: "memorization-curve",
    title: "Memorization against the number of training subjects",
    caption: `Share of synthetic images whose highest correlation with a training slice lies above the 99th percentile of held-out ${realSlices(cohort)} slices (${cohort.title}), with 95 % bootstrap intervals over images and held-out subjects. Dotted: 1 %, where images are no nearer to training than slices of other subjects.${budgetText(results)}`,
    alternative: series
      .map(({ name, y }) => `${name}: ${y.map((value) => value.toFixed(1)).join(", ")} %.`)
      .join(" "),
    panels: [
      {
        title: "",
        series,
        x: {
          title: "training subjects",
          range: [first / 1.12, last * 1.12],
          logarithmic: true,
          ticks: { values: counts, texts: counts.map(String) },
        },
        y: { title: "images above the threshold (%)", range: [0, 1.05 * highest] },
        lines: [{ at: 1, axis: "y" }],
      },
    ],
    columns: 1,
    panelHeightMm: 52,
    panelLeastMm: 40,
    sharedAxes: false,
    key: series.map(({ name, colour }) => ({ name, colour })),
    widthMm: widthMm ?? 132,
  });
}

/** Says whose networks saw each slice as often, and which points do not compare, since they were not trained alike. */
function budgetText(results: StudyResults): string {
  const budgets = GENERATOR_NAMES.map((name) => budgetOf(results, name));
  const passes = budgets.includes("same passes")
    ? " In training each slice was seen about as often, however many subjects there were."
    : "";
  const unlike = GENERATOR_NAMES.filter((_, i) => budgets[i] === undefined).map((generator) => {
    const seen = ofGenerator(results, generator).map(
      ({ cell }) =>
        `${imagesSeenBy(results, cell)?.toLocaleString("en-US") ?? "unknown"} on ${cell.subjects} subjects`,
    );
    return ` No line joins the points of the ${generatorTitle(generator)}: its networks were not trained alike (images seen: ${seen.join(", ")}).`;
  });
  return passes + unlike.join("");
}

function budgetOf(results: StudyResults, generator: string): LikeBudget | undefined {
  return likeBudget(
    results,
    ofGenerator(results, generator).map(({ cell }) => cell),
  );
}

function wholeImage({ memorization }: StudyResults): readonly MemorizationRecord[] {
  return memorization.filter(({ extent }) => extent === "image");
}

/** The records of a generator, the fewest training subjects first. */
function ofGenerator(results: StudyResults, generator: string): readonly MemorizationRecord[] {
  return wholeImage(results)
    .filter(({ cell }) => cell.generator === generator)
    .sort((a, b) => a.cell.subjects - b.cell.subjects);
}

/** Sets generators apart that have points at the same number of subjects; a single one stands over its tick. */
function shiftOf(results: StudyResults, { generator, subjects }: MemorizationRecord["cell"]): number {
  const beside = GENERATOR_NAMES.filter((name) =>
    wholeImage(results).some(({ cell }) => cell.generator === name && cell.subjects === subjects),
  );
  return 1 + 0.02 * (beside.indexOf(generator) - (beside.length - 1) / 2);
}

function histogram(
  values: readonly number[],
  low: number,
  high: number,
  colour: string,
  name: string,
): Series {
  const { x, y } = steps(binShares(values, low, high), low, (high - low) / BINS);
  return { name, colour, x, y, mark: "area" };
}

/** Share of the values (%) in each bin. */
function binShares(values: readonly number[], low: number, high: number): readonly number[] {
  const counts = new Array<number>(BINS).fill(0);
  const known = values.filter(Number.isFinite);
  for (const value of known) {
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor((BINS * (value - low)) / (high - low))));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count) => (100 * count) / Math.max(1, known.length));
}

function highestShare(records: readonly MemorizationRecord[], low: number, high: number): number {
  const shares = records.flatMap(({ synthetic, heldOut }) => [
    ...binShares(synthetic, low, high),
    ...binShares(heldOut, low, high),
  ]);
  return shares.reduce((most, share) => Math.max(most, share), 1);
}

function describe(record: MemorizationRecord): string {
  const { synthetic, heldOut, shareAbove } = memorizationSummary(record);
  return `${generatorTitle(record.cell.generator)}, ${record.cell.subjects} subjects: median ${synthetic.median.toFixed(3)}, held-out ${heldOut.median.toFixed(3)}, ${(100 * shareAbove).toFixed(1)} % above the threshold.`;
}
