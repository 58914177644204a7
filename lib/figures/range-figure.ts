import { axis, Figure, type Layout, type Trace } from "./figure";
import { LINE, PAGE_MM } from "./page";
import { FAINT, INK, SOURCE_COLOUR } from "./palette";
import { domains, placeKey, placeLabel, type Sheet } from "./sheet";
import { written } from "./table";

/** A measure of a cohort, with what is known of it. */
export interface RangeRow {
  readonly label: string;
  readonly median: number | null;
  /** 5th and 95th percentile over subjects. */
  readonly p05: number | null;
  readonly p95: number | null;
  readonly published: { readonly low: number; readonly high: number } | null;
  /** Median of another cohort. */
  readonly other?: number | null;
}

export interface RangePanel {
  readonly title: string;
  /** What the axis counts, with its unit. */
  readonly axis: string;
  readonly rows: readonly RangeRow[];
}

export interface RangeFigureContent {
  readonly id: string;
  /** One or two, side by side. */
  readonly panels: readonly RangePanel[];
  /** The cohort with "simulated" where it is, e.g. "72 simulated subjects". */
  readonly cohort: string;
  /** How the published ranges are called. */
  readonly published: string;
  readonly other?: string;
}

const ROW_MM = 5;
const LABEL_MM = 42;

/** Median and spread of each measure of a cohort, over a band of published values. */
export function rangeFigure({ id, panels, cohort, published, other }: RangeFigureContent): Figure {
  const most = Math.max(1, ...panels.map(({ rows }) => rows.length));
  const sheet = { widthMm: PAGE_MM, heightMm: 24 + ROW_MM * most };
  const key = placeKey(sheet, sheet.widthMm - 2, 3.4, [
    { colour: FAINT, name: published },
    { colour: SOURCE_COLOUR.real, name: cohort },
    ...(other === undefined ? [] : [{ colour: SOURCE_COLOUR.diffusion, name: other }]),
  ]);
  const parts = panels.map((panel, i) => drawPanel(sheet, panel, i, panels.length));
  return new Figure({
    id,
    title: "Measures against published ranges",
    caption: `Point and bar: median and 5th to 95th percentile over ${cohort}. Band: ${published}.${other === undefined ? "" : ` Diamond: median of ${other}.`} A median in the band counts as inside.`,
    alternative: `Medians and ranges. ${panels.flatMap(({ rows }) => rows.map(describe)).join(" ")}`,
    data: parts.flatMap(({ traces }) => traces),
    layout: {
      ...Object.assign({}, ...parts.map(({ axes }) => axes)),
      shapes: [...parts.flatMap(({ shapes }) => shapes), ...key.shapes],
      annotations: [...key.annotations, ...parts.flatMap(({ annotations }) => annotations)],
    },
    ...sheet,
  });
}

interface PanelParts {
  readonly traces: readonly Trace[];
  readonly axes: Layout;
  readonly shapes: readonly Layout[];
  readonly annotations: readonly Layout[];
}

function drawPanel(sheet: Sheet, panel: RangePanel, index: number, count: number): PanelParts {
  const widthMm = (sheet.widthMm - 2) / count;
  const place = {
    leftMm: index * widthMm + LABEL_MM,
    topMm: 12,
    widthMm: widthMm - LABEL_MM - 4,
    heightMm: ROW_MM * panel.rows.length,
  };
  const domain = domains(sheet, place);
  const ending = index === 0 ? "" : String(index + 1);
  const rows = panel.rows.length;
  const y = (row: number): number => rows - row - 0.5;
  return {
    traces: drawRows(panel.rows, y, ending),
    axes: {
      [`xaxis${ending}`]: axis(panel.axis, { domain: domain.x, anchor: `y${ending}`, rangemode: "tozero" }),
      [`yaxis${ending}`]: axis(undefined, {
        domain: domain.y,
        anchor: `x${ending}`,
        range: [0, rows],
        tickvals: panel.rows.map((_, row) => y(row)),
        ticktext: panel.rows.map(({ label }) => label),
        ticks: "",
        showline: false,
      }),
    },
    shapes: panel.rows.flatMap(({ published }, row) =>
      published === null ? [] : [band(published, y(row), ending)],
    ),
    annotations: [placeLabel(sheet, index * widthMm + 2, 8.4, panel.title, { bold: true })],
  };
}

function band(
  { low, high }: { readonly low: number; readonly high: number },
  y: number,
  ending: string,
): Layout {
  return {
    type: "rect",
    xref: `x${ending}`,
    yref: `y${ending}`,
    x0: low,
    x1: high,
    y0: y - 0.32,
    y1: y + 0.32,
    fillcolor: FAINT,
    line: { width: 0 },
    layer: "below",
  };
}

function drawRows(rows: readonly RangeRow[], y: (row: number) => number, ending: string): readonly Trace[] {
  const axes = { xaxis: `x${ending}`, yaxis: `y${ending}` };
  const spread: Trace = {
    type: "scatter",
    mode: "lines",
    x: rows.flatMap(({ p05, p95 }) => [p05, p95, null]),
    y: rows.flatMap((_, row) => [y(row), y(row), null]),
    line: { color: SOURCE_COLOUR.real, width: LINE.data },
    hoverinfo: "skip",
    ...axes,
  };
  const points = (values: readonly (number | null)[], colour: string, symbol: string): Trace => ({
    type: "scatter",
    mode: "markers",
    x: values,
    y: rows.map((_, row) => y(row)),
    text: rows.map(({ label }) => label),
    marker: { color: colour, size: 6, symbol, line: { width: LINE.hair, color: INK } },
    hovertemplate: "%{text}: %{x:.3g}<extra></extra>",
    ...axes,
  });
  const others = rows.map(({ other }) => other ?? null);
  return [
    spread,
    points(
      rows.map(({ median }) => median),
      SOURCE_COLOUR.real,
      "circle",
    ),
    ...(others.some((value) => value !== null) ? [points(others, SOURCE_COLOUR.diffusion, "diamond")] : []),
  ];
}

function describe({ label, median, published }: RangeRow): string {
  const known = published === null ? "" : ` (published ${published.low} to ${published.high})`;
  return `${label}: ${written(median ?? Number.NaN, 2)}${known}.`;
}
