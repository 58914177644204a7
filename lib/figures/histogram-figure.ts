import { axis, Figure } from "./figure";
import { LINE, WIDE_MM } from "./page";
import { PAPER } from "./palette";
import { domains } from "./sheet";

export interface HistogramFigureContent {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly alternative: string;
  readonly values: readonly number[];
  /** Bins start at a multiple of it. */
  readonly binWidth: number;
  readonly xAxis: string;
  readonly yAxis: string;
  readonly colour: string;
}

/** How often values fall into bins of one width. A value on an edge belongs to the bin above it. */
export function histogramFigure(content: HistogramFigureContent): Figure {
  const { id, title, caption, alternative, values, binWidth, xAxis, yAxis, colour } = content;
  if (values.length === 0) throw new RangeError("a histogram needs at least one value");
  const { first, counts } = countBins(values, binWidth);
  const sheet = { widthMm: WIDE_MM, heightMm: 62 };
  const domain = domains(sheet, { leftMm: 16, topMm: 4, widthMm: 112, heightMm: 44 });
  return new Figure({
    id,
    title,
    caption,
    alternative,
    data: [
      {
        type: "bar",
        x: counts.map((_, i) => (first + i + 0.5) * binWidth),
        y: counts,
        width: binWidth,
        marker: { color: colour, line: { width: LINE.hair, color: PAPER } },
        hovertemplate: "%{y} at %{x}<extra></extra>",
      },
    ],
    layout: {
      bargap: 0,
      xaxis: axis(xAxis, { domain: domain.x, range: [first * binWidth, (first + counts.length) * binWidth] }),
      yaxis: axis(yAxis, { domain: domain.y, range: [0, 1.05 * Math.max(...counts)] }),
    },
    ...sheet,
  });
}

/** Counts a bin, the first of which starts at `first` bin widths. */
function countBins(
  values: readonly number[],
  binWidth: number,
): { readonly first: number; readonly counts: readonly number[] } {
  const bins = values.map((value) => Math.floor(value / binWidth));
  const [first, last] = bins.reduce(
    ([low, high], bin) => [Math.min(low, bin), Math.max(high, bin)],
    [Infinity, -Infinity],
  );
  const counts = new Array<number>(last - first + 1).fill(0);
  for (const bin of bins) counts[bin - first] = (counts[bin - first] ?? 0) + 1;
  return { first, counts };
}
