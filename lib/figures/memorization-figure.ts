import type { Memorization } from "../metrics/memorization";
import { sortedNumbers } from "../metrics/quantile";
import { axis, Figure, type Layout, type Trace } from "./figure";
import { LINE, PAGE_MM, TEXT, WIDE_MM } from "./page";
import { INK, SOURCE_COLOUR, withOpacity, type Source } from "./palette";
import { domains, placeKey, placeLabel, type Sheet } from "./sheet";
import { SEQUENCE_LABEL } from "./slice-view";
import { MISSING, written } from "./table";

export interface MemorizationFigureContent {
  readonly id: string;
  /** The generator, for its colour, and its name. */
  readonly source: Source;
  readonly label: string;
  /** One panel each, e.g. the whole image and the brain alone; at most three. */
  readonly results: readonly Memorization[];
  readonly simulated: boolean;
}

const EXTENT_LABEL = { image: "whole image", brain: "within the brain" } as const;
const MOST_BINS = 36;
const FEWEST_BINS = 12;

/** Distributions of the best correlation with a training slice: synthetic slices against held-out real ones. */
export function memorizationFigure({
  id,
  source,
  label,
  results,
  simulated,
}: MemorizationFigureContent): Figure {
  if (results.length === 0 || results.length > 3)
    throw new RangeError("a memorization figure has 1 to 3 panels");
  const sheet = { widthMm: results.length === 1 ? WIDE_MM : PAGE_MM, heightMm: 67 };
  const heldOut = `held-out real${simulated ? " (simulated)" : ""}`;
  const key = placeKey(sheet, sheet.widthMm - 2, 3.4, [
    { colour: SOURCE_COLOUR[source], name: `${label} to training` },
    { colour: SOURCE_COLOUR.heldOut, name: `${heldOut} to training` },
  ]);
  const panels = results.map((result, i) => panel(sheet, result, i, results.length, source));
  return new Figure({
    id,
    title: "Best correlation with a training slice",
    caption: caption(results, label, heldOut),
    alternative: `Histograms of the best correlation with a training slice. ${results.map((result) => describe(result, label)).join(" ")}`,
    data: panels.flatMap(({ traces }) => traces),
    layout: {
      ...Object.assign({}, ...panels.map(({ axes }) => axes)),
      shapes: [...key.shapes, ...panels.flatMap(({ shapes }) => shapes)],
      annotations: [...key.annotations, ...panels.flatMap(({ annotations }) => annotations)],
    },
    ...sheet,
  });
}

interface Panel {
  readonly traces: readonly Trace[];
  readonly axes: Layout;
  readonly shapes: readonly Layout[];
  readonly annotations: readonly Layout[];
}

function panel(sheet: Sheet, result: Memorization, index: number, count: number, source: Source): Panel {
  const widthMm = (sheet.widthMm - 2) / count - 14;
  const place = { leftMm: 13 + index * (widthMm + 14), topMm: 17, widthMm, heightMm: 38 };
  const domain = domains(sheet, place);
  const ending = index === 0 ? "" : String(index + 1);
  const { threshold, shareAbove } = result.summary;
  const [low, high] = range(result);
  const edges = binEdges(result, low, high);
  const traces = (
    [
      [result.heldOut.r, "heldOut"],
      [result.synthetic.r, source],
    ] as const
  ).map(([r, colour]) => histogram(r, edges, SOURCE_COLOUR[colour], ending));
  const highest = Math.max(...traces.flatMap(({ y }) => y));
  const extent = EXTENT_LABEL[result.synthetic.extent];
  const x = axis("highest correlation with a training slice", {
    domain: domain.x,
    range: [low, high],
    anchor: `y${ending}`,
  });
  const y = axis(index === 0 ? "share of slices (%)" : undefined, {
    domain: domain.y,
    range: [0, Math.max(1, 1.08 * highest)],
    anchor: `x${ending}`,
  });
  const line = {
    type: "line",
    xref: `x${ending}`,
    yref: `y${ending} domain`,
    x0: threshold,
    x1: threshold,
    y0: 0,
    y1: 1,
  };
  return {
    traces,
    axes: { [`xaxis${ending}`]: x, [`yaxis${ending}`]: y },
    shapes: Number.isNaN(threshold) ? [] : [{ ...line, line: { color: INK, width: LINE.axis, dash: "dot" } }],
    annotations: [
      placeLabel(sheet, place.leftMm, 10.4, `${SEQUENCE_LABEL[result.synthetic.sequence]}, ${extent}`, {
        bold: true,
      }),
      placeLabel(
        sheet,
        place.leftMm,
        14,
        `${percent(shareAbove)} of synthetic slices above the 99th percentile of held-out`,
        { size: TEXT.small },
      ),
    ],
  };
}

/** Edges of the bins of both histograms: as many as the smaller sample bears. */
function binEdges({ summary }: Memorization, low: number, high: number): readonly number[] {
  const smaller = Math.min(summary.synthetic.count, summary.heldOut.count);
  const bins = Math.min(MOST_BINS, Math.max(FEWEST_BINS, Math.round(1.5 * Math.sqrt(smaller))));
  return Array.from({ length: bins + 1 }, (_, i) => low + (i * (high - low)) / bins);
}

/** A histogram drawn as a stepped line over a tint. */
function histogram(
  values: Float64Array,
  edges: readonly number[],
  colour: string,
  ending: string,
): Trace & { readonly y: readonly number[] } {
  const sorted = sortedNumbers(values);
  const [low, high, bins] = [edges[0] ?? 0, edges.at(-1) ?? 1, edges.length - 1];
  const counts = new Float64Array(bins);
  for (const value of sorted) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((bins * (value - low)) / (high - low))));
    counts[bin] = (counts[bin] as number) + 1;
  }
  const share = Array.from(counts, (count) => (100 * count) / Math.max(1, sorted.length));
  return {
    type: "scatter",
    mode: "lines",
    x: edges.flatMap((edge) => [edge, edge]),
    y: [0, ...share.flatMap((value) => [value, value]), 0],
    line: { color: colour, width: LINE.data },
    fill: "tozeroy",
    fillcolor: withOpacity(colour, 0.18),
    xaxis: `x${ending}`,
    yaxis: `y${ending}`,
    hovertemplate: "%{y:.1f} % at %{x:.3f}<extra></extra>",
  };
}

/** A range that holds both distributions, on whole hundredths. */
function range({ synthetic, heldOut }: Memorization): readonly [number, number] {
  const all = sortedNumbers([...synthetic.r, ...heldOut.r]);
  const low = Math.floor(50 * (all[0] ?? 0) - 0.25) / 50;
  const high = Math.ceil(50 * (all.at(-1) ?? 1) + 0.25) / 50;
  return [low, Math.max(low + 0.02, Math.min(high, 1.01))];
}

function percent(share: number): string {
  return Number.isNaN(share) ? MISSING : `${(100 * share).toFixed(1)} %`;
}

function describe({ synthetic: { extent }, summary }: Memorization, label: string): string {
  const { synthetic, heldOut, shareAbove } = summary;
  return `${EXTENT_LABEL[extent]}: median ${written(synthetic.median, 3)} for ${label}, ${written(heldOut.median, 3)} for held-out slices; ${percent(shareAbove)} of ${label} above the 99th percentile of held-out.`;
}

function caption(results: readonly Memorization[], label: string, heldOut: string): string {
  const { synthetic, heldOut: reference } = results[0]?.summary ?? {
    synthetic: { count: 0 },
    heldOut: { count: 0 },
  };
  return `Highest Pearson correlation of each slice with any training slice: ${label} (n = ${synthetic.count} slices) and ${heldOut} (n = ${reference.count} slices). Dotted line: 99th percentile of the held-out slices, above which 1 % of them lie; a generator that copies would have many more there. Within the brain: pixels that are background in both slices are left out.`;
}
