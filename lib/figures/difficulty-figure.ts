import { TUMOUR_CLASSES, type TumourClass } from "../shape";
import { axis, Figure, type Layout, type Trace } from "./figure";
import { LINE, TEXT, WIDE_MM } from "./page";
import { CLASS_LABEL, CLASS_RGB, cssColour, INK } from "./palette";
import { CLASS_KEY, domains, placeKey, placeLabel } from "./sheet";
import { written } from "./table";

/** One training and how its network did on the test subjects. */
export interface DifficultyPoint {
  /** Subjects that it learnt from. */
  readonly subjects: number;
  /** Dice of each test subject; null where it is not defined. */
  readonly dice: Readonly<Record<TumourClass, readonly (number | null)[]>>;
}

export interface DifficultyFigureContent {
  readonly id: string;
  /** By rising number of subjects. */
  readonly points: readonly DifficultyPoint[];
  readonly bands: Readonly<Record<TumourClass, { readonly target: number; readonly tolerance: number }>>;
  /** "simulated test subjects" or "test subjects". */
  readonly subjects: string;
  /** Side of the slices, pixels. */
  readonly size: number;
}

/** Dice against the number of training subjects, and the spread over test subjects of the last training. */
export function difficultyFigure({ id, points, bands, subjects, size }: DifficultyFigureContent): Figure {
  const last = points.at(-1);
  if (last === undefined) throw new RangeError("a difficulty figure needs at least one training");
  const sheet = { widthMm: WIDE_MM, heightMm: 74 };
  const left = domains(sheet, { leftMm: 14, topMm: 14, widthMm: 50, heightMm: 46 });
  const right = domains(sheet, { leftMm: 78, topMm: 14, widthMm: 50, heightMm: 46 });
  const key = placeKey(sheet, sheet.widthMm - 2, 3.4, CLASS_KEY);
  const counts = points.map((point) => point.subjects);
  const scale = { range: [-0.02, 1.02], tickvals: [0, 0.2, 0.4, 0.6, 0.8, 1] };
  return new Figure({
    id,
    title: "How hard the cohort is to segment",
    caption: `Dice of the study's U-Net, scaled down to ${size} x ${size} pixels, on ${last.dice.edema.length} held-out ${subjects}. Left: mean over subjects against the number of subjects learnt from. Right: each test subject after learning from ${last.subjects}. Bands: what the study's U-Net reached on BraTS 2020, with the tolerance of the audit.`,
    alternative: `Dice by number of training subjects. ${points.map(describe).join(" ")}`,
    data: [
      ...TUMOUR_CLASSES.map((name, i) => meanLine(points, name, i)),
      ...TUMOUR_CLASSES.map((name, i) => subjectPoints(last, name, i)),
    ],
    layout: {
      xaxis: axis("subjects learnt from", {
        domain: left.x,
        type: "log",
        range: [Math.log10(Math.min(...counts)) - 0.08, Math.log10(Math.max(...counts)) + 0.08],
        tickvals: counts,
        ticktext: counts.map(String),
      }),
      yaxis: axis(`Dice, held-out ${subjects}`, { domain: left.y, ...scale }),
      xaxis2: axis(undefined, {
        domain: right.x,
        anchor: "y2",
        range: [-0.5, 2.5],
        tickvals: [0, 1, 2],
        ticktext: [...CLASS_LABEL],
        tickfont: { size: TEXT.small },
        ticks: "",
      }),
      yaxis2: axis(undefined, { domain: right.y, anchor: "x2", ...scale }),
      shapes: [...key.shapes, ...TUMOUR_CLASSES.flatMap((name, i) => bandShapes(bands[name], i))],
      annotations: [
        ...key.annotations,
        placeLabel(sheet, 14, 9.4, "mean over test subjects", { bold: true }),
        placeLabel(sheet, 78, 9.4, "each test subject", { bold: true }),
      ],
    },
    ...sheet,
  });
}

function colourOf(index: number): string {
  return cssColour(CLASS_RGB[index + 1] ?? CLASS_RGB[0]);
}

function meanLine(points: readonly DifficultyPoint[], name: TumourClass, index: number): Trace {
  return {
    type: "scatter",
    mode: "lines+markers",
    name: CLASS_LABEL[index],
    x: points.map(({ subjects }) => subjects),
    y: points.map(({ dice }) => mean(dice[name])),
    line: { color: colourOf(index), width: LINE.data },
    marker: { color: colourOf(index), size: 6 },
    hovertemplate: "%{y:.3f} with %{x} subjects<extra></extra>",
  };
}

function subjectPoints({ dice }: DifficultyPoint, name: TumourClass, index: number): Trace {
  const values = dice[name];
  return {
    type: "scatter",
    mode: "markers",
    name: CLASS_LABEL[index],
    x: values.map((_, i) => index + 0.5 * ((i + 0.5) / values.length - 0.5)),
    y: values,
    marker: { color: colourOf(index), size: 4.2, opacity: 0.6 },
    xaxis: "x2",
    yaxis: "y2",
    hovertemplate: "%{y:.3f}<extra></extra>",
  };
}

/** The band behind the lines of means, and behind the class's subjects. */
function bandShapes(
  { target, tolerance }: { readonly target: number; readonly tolerance: number },
  index: number,
): readonly Layout[] {
  const band = (x: Layout): Layout => ({
    type: "rect",
    y0: target - tolerance,
    y1: target + tolerance,
    fillcolor: colourOf(index),
    opacity: 0.14,
    line: { width: 0, color: INK },
    layer: "below",
    ...x,
  });
  return [
    band({ xref: "x domain", yref: "y", x0: 0, x1: 1 }),
    band({ xref: "x2", yref: "y2", x0: index - 0.4, x1: index + 0.4 }),
  ];
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function describe({ subjects, dice }: DifficultyPoint): string {
  const classes = TUMOUR_CLASSES.map(
    (name, i) => `${CLASS_LABEL[i]} ${written(mean(dice[name]) ?? Number.NaN, 2)}`,
  );
  return `${subjects} subjects: ${classes.join(", ")}.`;
}
