import { axis, Figure, type Layout, type Trace } from "./figure";
import { LINE, PAGE_MM } from "./page";
import { domains, placeKey, placeLabel, type KeyEntry, type Sheet } from "./sheet";

/** A curve of a panel. */
export interface Curve {
  readonly colour: string;
  /** Dashed curves are of the other cohort. */
  readonly dashed: boolean;
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

export interface CurvePanel {
  readonly title: string;
  readonly curves: readonly Curve[];
}

export interface CurvesFigureContent {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly alternative: string;
  /** One to four, side by side, with the same axes. */
  readonly panels: readonly CurvePanel[];
  readonly xAxis: string;
  readonly yAxis: string;
  readonly xRange: readonly [number, number];
  /** From the lowest to the highest value where left out. */
  readonly yRange?: readonly [number, number];
  /** Both axes logarithmic, e.g. for spectra. */
  readonly logarithmic?: boolean;
  readonly key: readonly KeyEntry[];
}

/** Curves in panels side by side on common axes. */
export function curvesFigure(content: CurvesFigureContent): Figure {
  const { id, title, caption, alternative, panels } = content;
  if (panels.length === 0 || panels.length > 4) throw new RangeError("a curves figure has 1 to 4 panels");
  const sheet = { widthMm: PAGE_MM, heightMm: 68 };
  const parts = panels.map((panel, i) => drawPanel(sheet, content, panel, i));
  const key = placeKey(sheet, sheet.widthMm - 2, 3.4, content.key);
  return new Figure({
    id,
    title,
    caption,
    alternative,
    data: parts.flatMap(({ traces }) => traces),
    layout: {
      ...Object.assign({}, ...parts.map(({ axes }) => axes)),
      shapes: key.shapes,
      annotations: [...key.annotations, ...parts.map(({ label }) => label)],
    },
    ...sheet,
  });
}

function drawPanel(
  sheet: Sheet,
  { panels, xAxis, yAxis, xRange, yRange, logarithmic = false }: CurvesFigureContent,
  panel: CurvePanel,
  index: number,
): { readonly traces: readonly Trace[]; readonly axes: Layout; readonly label: Layout } {
  const widthMm = (sheet.widthMm - 16) / panels.length - 5;
  const place = { leftMm: 14 + index * (widthMm + 5), topMm: 12, widthMm, heightMm: 42 };
  const domain = domains(sheet, place);
  const ending = index === 0 ? "" : String(index + 1);
  const range = yRange ?? reach(panels);
  const scaled = (values: readonly [number, number]): readonly number[] =>
    logarithmic ? values.map((value) => Math.log10(value)) : values;
  const type = logarithmic ? { type: "log" } : {};
  return {
    traces: panel.curves.map(({ colour, dashed, name, x, y }) => ({
      type: "scatter",
      mode: "lines",
      name,
      x,
      y,
      line: { color: colour, width: LINE.data, ...(dashed ? { dash: "3px,2px" } : {}) },
      xaxis: `x${ending}`,
      yaxis: `y${ending}`,
      hovertemplate: "%{y:.3g} at %{x:.3g}<extra></extra>",
    })),
    axes: {
      [`xaxis${ending}`]: axis(xAxis, {
        domain: domain.x,
        anchor: `y${ending}`,
        range: scaled(xRange),
        ...type,
        ...(logarithmic ? { tickvals: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5] } : {}),
      }),
      [`yaxis${ending}`]: axis(index === 0 ? yAxis : undefined, {
        domain: domain.y,
        anchor: `x${ending}`,
        range: scaled(range),
        ...type,
        ...(logarithmic ? { dtick: 1, exponentformat: "power" } : {}),
        ...(index === 0 ? {} : { showticklabels: false }),
      }),
    },
    label: placeLabel(sheet, place.leftMm, 9, panel.title, { bold: true }),
  };
}

/** From 0, or from the lowest positive value, to a little above the highest. */
function reach(panels: readonly CurvePanel[]): readonly [number, number] {
  const values = panels.flatMap(({ curves }) => curves.flatMap(({ y }) => y));
  const highest = values.reduce((most, value) => Math.max(most, value), 0);
  return [0, highest > 0 ? 1.05 * highest : 1];
}
