import { axis, type Layout, type Trace } from "./figure";
import { LINE, TEXT } from "./page";
import { INK, withOpacity } from "./palette";
import { domains, placeLabel, type Place, type Sheet } from "./sheet";

/** Values that stand in a panel with one colour. */
export interface Series {
  readonly name: string;
  /** Hexadecimal. */
  readonly colour: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Ends of the interval of each value of y. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
  /** Whether intervals are hairlines: where several series stand close to each other. */
  readonly thinIntervals?: boolean;
  /** How it is drawn: joined, as points, both, or as a line over a tint down to 0. */
  readonly mark: "line" | "points" | "line and points" | "area";
  readonly dashed?: boolean;
  /** Drawn faint, as what stands behind. */
  readonly faint?: boolean;
  /** Texts beside the points. */
  readonly texts?: readonly string[];
}

export interface PanelAxis {
  readonly title: string;
  /** In the values' own unit, also on a logarithmic axis. */
  readonly range: readonly [number, number];
  readonly logarithmic?: boolean;
  /** Where the ticks stand and what they say; plotly's choice where left out. */
  readonly ticks?: { readonly values: readonly number[]; readonly texts: readonly string[] };
}

/** A line through the panel at a value of one axis. */
export interface ReferenceLine {
  readonly at: number;
  readonly axis: "x" | "y";
  readonly colour?: string;
}

export interface Panel {
  readonly title: string;
  /** A line under the title, small. */
  readonly note?: string;
  readonly series: readonly Series[];
  readonly x: PanelAxis;
  readonly y: PanelAxis;
  readonly lines?: readonly ReferenceLine[];
}

export interface PanelPlace {
  readonly place: Place;
  /** Position among the figure's panels: names its axes. */
  readonly index: number;
  /** Whether the ticks of y, and those of x, are written. */
  readonly left: boolean;
  readonly bottom: boolean;
}

export interface PanelParts {
  readonly traces: readonly Trace[];
  readonly axes: Layout;
  readonly shapes: readonly Layout[];
  readonly annotations: readonly Layout[];
}

/** Draws a panel into its place on the sheet. */
export function drawPanel(sheet: Sheet, panel: Panel, where: PanelPlace): PanelParts {
  const { place, index, left, bottom } = where;
  const ending = index === 0 ? "" : String(index + 1);
  const domain = domains(sheet, place);
  const headMm = panel.note === undefined ? 2.2 : 5.6;
  return {
    traces: panel.series.map((series) => traceOf(series, ending)),
    axes: {
      [`xaxis${ending}`]: panelAxis(panel.x, bottom, { domain: domain.x, anchor: `y${ending}` }),
      [`yaxis${ending}`]: panelAxis(panel.y, left, { domain: domain.y, anchor: `x${ending}` }),
    },
    shapes: (panel.lines ?? []).map((line) => referenceLine(line, ending)),
    annotations: [
      ...(panel.title === ""
        ? []
        : [placeLabel(sheet, place.leftMm, place.topMm - headMm, panel.title, { bold: true })]),
      ...(panel.note === undefined
        ? []
        : [placeLabel(sheet, place.leftMm, place.topMm - 2.2, panel.note, { size: TEXT.small })]),
    ],
  };
}

function panelAxis({ title, range, logarithmic, ticks }: PanelAxis, labelled: boolean, more: Layout): Layout {
  return axis(labelled ? title : undefined, {
    ...more,
    range: logarithmic === true ? range.map((value) => Math.log10(value)) : range,
    ...(logarithmic === true ? { type: "log" } : {}),
    ...(ticks === undefined ? { nticks: 5 } : { tickvals: ticks.values, ticktext: ticks.texts }),
    ...(labelled ? {} : { showticklabels: false }),
  });
}

function traceOf(series: Series, ending: string): Trace {
  const { name, colour, x, y, mark, dashed = false, faint = false, texts } = series;
  const shown = faint ? withOpacity(colour, 0.35) : colour;
  const points = mark === "points" || mark === "line and points";
  const modes = [...(mark === "points" ? [] : ["lines"]), ...(points ? ["markers"] : [])];
  return {
    type: "scatter",
    mode: [...modes, ...(texts === undefined ? [] : ["text"])].join("+"),
    name,
    x,
    y: y.map(finite),
    ...(texts === undefined
      ? {}
      : { text: texts, textposition: "middle right", textfont: { size: TEXT.small, color: INK } }),
    line: { color: shown, width: faint ? LINE.hair : LINE.data, ...(dashed ? { dash: "3px,2px" } : {}) },
    ...(mark === "area" ? { fill: "tozeroy", fillcolor: withOpacity(colour, 0.16) } : {}),
    marker: { color: shown, size: faint ? 3.2 : 5.5, line: { width: 0 } },
    ...errorBars(series, shown),
    xaxis: `x${ending}`,
    yaxis: `y${ending}`,
    hovertemplate: `${name}: %{y:.3g} at %{x:.3g}<extra></extra>`,
  };
}

function errorBars({ y, low, high, thinIntervals = false }: Series, colour: string): Layout {
  if (low === undefined || high === undefined) return {};
  return {
    error_y: {
      type: "data",
      symmetric: false,
      array: y.map((value, i) => finite((high[i] ?? Number.NaN) - value)),
      arrayminus: y.map((value, i) => finite(value - (low[i] ?? Number.NaN))),
      color: colour,
      thickness: thinIntervals ? LINE.hair : LINE.data,
      width: thinIntervals ? 1.2 : 2,
    },
  };
}

/** A value for plotly, which leaves out null. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function referenceLine({ at, axis: name, colour = INK }: ReferenceLine, ending: string): Layout {
  const along = name === "x";
  return {
    type: "line",
    xref: along ? `x${ending}` : `x${ending} domain`,
    yref: along ? `y${ending} domain` : `y${ending}`,
    x0: along ? at : 0,
    x1: along ? at : 1,
    y0: along ? 0 : at,
    y1: along ? 1 : at,
    line: { color: colour, width: LINE.axis, dash: "dot" },
  };
}
