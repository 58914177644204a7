import { axis, Figure, type Layout, type Trace } from "./figure";
import { LINE, PAGE_MM, WIDE_MM } from "./page";
import { SOURCE_COLOUR, withOpacity, type Source } from "./palette";
import { domains, placeLabel, type Sheet } from "./sheet";
import { MISSING } from "./table";

/** A loss as it went down. */
export interface TrainingCurve {
  readonly source: Source;
  /** E.g. "trained on real (simulated) slices". */
  readonly label: string;
  /** Images seen at each record, rising. */
  readonly imagesSeen: readonly number[];
  /** The loss there; NaN where it was not measured. */
  readonly loss: readonly number[];
}

/** Curves that share a scale. */
export interface TrainingPanel {
  readonly title: string;
  /** What the loss is, for the axis, e.g. "mean squared error of the noise". */
  readonly loss: string;
  readonly logarithmic: boolean;
  readonly curves: readonly TrainingCurve[];
}

export interface TrainingFigureContent {
  readonly id: string;
  /** One to three. */
  readonly panels: readonly TrainingPanel[];
}

/** Share of the records over which a curve is averaged, and the most points drawn of one. */
const SMOOTHING = 0.02;
const MOST_POINTS = 400;

/** Loss against images seen, each record faint and a running mean strong. */
export function trainingFigure({ id, panels }: TrainingFigureContent): Figure {
  if (panels.length === 0 || panels.length > 3) throw new RangeError("a training figure has 1 to 3 panels");
  const sheet = { widthMm: panels.length === 1 ? WIDE_MM : PAGE_MM, heightMm: 60 };
  const curves = panels.flatMap((panel) => panel.curves);
  const parts = panels.map((panel, i) => drawPanel(sheet, panel, i, panels.length));
  return new Figure({
    id,
    title: "Training loss",
    caption: `${panels.map(({ title, loss }) => `${title}: ${loss}`).join("; ")}, against the number of training images seen. Faint: as recorded; strong: running mean over ${100 * SMOOTHING} % of the records.`,
    alternative: `Training curves. ${curves.map(describe).join(" ")}`,
    data: parts.flatMap(({ traces }) => traces),
    layout: {
      ...Object.assign({}, ...parts.map(({ axes }) => axes)),
      annotations: parts.flatMap(({ annotations }) => annotations),
    },
    ...sheet,
  });
}

function drawPanel(sheet: Sheet, panel: TrainingPanel, index: number, count: number): PanelParts {
  const widthMm = (sheet.widthMm - 2) / count - 16;
  const place = { leftMm: 15 + index * (widthMm + 16), topMm: 6.5, widthMm, heightMm: 42 };
  const domain = domains(sheet, place);
  const ending = index === 0 ? "" : String(index + 1);
  const largest = Math.max(1, ...panel.curves.map(({ imagesSeen }) => imagesSeen.at(-1) ?? 0));
  const thousands = largest >= 5000;
  return {
    traces: panel.curves.flatMap((curve) => drawCurve(curve, ending, thousands ? 1000 : 1)),
    axes: {
      [`xaxis${ending}`]: axis(thousands ? "images seen (thousands)" : "images seen", {
        domain: domain.x,
        anchor: `y${ending}`,
        range: [0, largest / (thousands ? 1000 : 1)],
      }),
      [`yaxis${ending}`]: axis(panel.loss, {
        domain: domain.y,
        anchor: `x${ending}`,
        type: panel.logarithmic ? "log" : "linear",
        ...(panel.logarithmic ? logarithmicTicks(panel.curves) : {}),
      }),
    },
    annotations: [
      placeLabel(sheet, place.leftMm, 3, panel.title, { bold: true }),
      // The curves fall, so their names stand in the free corner.
      ...panel.curves.map(({ label, source }, i) =>
        placeLabel(sheet, place.leftMm + widthMm, place.topMm + 1.5 + 3.8 * i, label, {
          align: "right",
          colour: SOURCE_COLOUR[source],
          bold: true,
        }),
      ),
    ],
  };
}

/** Ticks at 1, 2 and 5 of each power of ten, written out. */
function logarithmicTicks(curves: readonly TrainingCurve[]): Layout {
  const values = curves.flatMap(({ loss }) => loss.filter((value) => value > 0));
  const smallest = values.reduce((least, value) => Math.min(least, value), Infinity);
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  if (largest === 0) return {};
  const powers = Math.floor(Math.log10(smallest));
  const tickvals = Array.from({ length: 3 * (Math.ceil(Math.log10(largest)) - powers + 1) }, (_, i) =>
    Number((([1, 2, 5][i % 3] ?? 1) * 10 ** (powers + Math.floor(i / 3))).toPrecision(3)),
  );
  const range = [Math.log10(smallest) - 0.03, Math.log10(largest) + 0.03];
  return { tickvals, ticktext: tickvals.map(String), range };
}

interface PanelParts {
  readonly traces: readonly Trace[];
  readonly axes: Layout;
  readonly annotations: readonly Layout[];
}

function drawCurve(curve: TrainingCurve, ending: string, unit: number): readonly Trace[] {
  const colour = SOURCE_COLOUR[curve.source];
  const smooth = runningMean(curve.loss, Math.max(1, Math.round(SMOOTHING * curve.loss.length)));
  const step = Math.max(1, Math.ceil(curve.loss.length / MOST_POINTS));
  const kept = [...curve.loss.keys()].filter((i) => i % step === 0 || i === curve.loss.length - 1);
  const line = (values: readonly number[], style: Layout): Trace => ({
    type: "scatter",
    mode: "lines",
    name: curve.label,
    x: kept.map((i) => (curve.imagesSeen[i] ?? 0) / unit),
    y: kept.map((i) => (Number.isFinite(values[i]) ? values[i] : null)),
    line: style,
    xaxis: `x${ending}`,
    yaxis: `y${ending}`,
    hovertemplate: "%{y:.4g}<extra></extra>",
  });
  return [
    line(curve.loss, { color: withOpacity(colour, 0.3), width: LINE.hair }),
    line(smooth, { color: colour, width: LINE.data }),
  ];
}

/** Mean of the `span` values around each place, fewer at the ends; NaN left out. */
function runningMean(values: readonly number[], span: number): readonly number[] {
  const [sums, counts] = [new Float64Array(values.length + 1), new Float64Array(values.length + 1)];
  values.forEach((value, i) => {
    const known = !Number.isNaN(value);
    sums[i + 1] = (sums[i] as number) + (known ? value : 0);
    counts[i + 1] = (counts[i] as number) + Number(known);
  });
  return values.map((_, i) => {
    const [from, to] = [Math.max(0, i - (span >> 1)), Math.min(values.length, i + (span >> 1) + 1)];
    const count = (counts[to] as number) - (counts[from] as number);
    return count === 0 ? Number.NaN : ((sums[to] as number) - (sums[from] as number)) / count;
  });
}

function describe({ label, imagesSeen, loss }: TrainingCurve): string {
  const [first, last] = [loss[0], loss.at(-1)].map((value) =>
    value === undefined || Number.isNaN(value) ? MISSING : value.toPrecision(3),
  );
  return `${label}: from ${first} to ${last} after ${imagesSeen.at(-1) ?? 0} images.`;
}
