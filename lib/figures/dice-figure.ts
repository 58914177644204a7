import { DEFAULT_LEVEL, DEFAULT_REPLICATES, type Interval } from "../metrics/bootstrap";
import { TUMOUR_CLASSES } from "../shape";
import { countOf, type DiceSummary } from "./dice-summary";
import { axis, Figure, type Trace } from "./figure";
import { LINE, TEXT, WIDE_MM } from "./page";
import { CLASS_LABEL, SOURCE_COLOUR, withOpacity } from "./palette";
import { domains, placeKey } from "./sheet";
import { written } from "./table";

export interface DiceFigureContent {
  readonly id: string;
  /** The networks in the order they shall stand, the one trained on real slices first. */
  readonly summaries: readonly DiceSummary[];
  /** Whether the test subjects are of a simulated cohort. */
  readonly simulated: boolean;
}

/** Width of a group of networks, and of the subjects of one network, as shares of a class's place. */
const GROUP_WIDTH = 0.72;
const SPREAD = 0.4;

/** Dice of each test subject, joined between networks, with each network's mean and interval. */
export function diceFigure({ id, summaries, simulated }: DiceFigureContent): Figure {
  const [first] = summaries;
  if (first === undefined) throw new RangeError("a Dice figure needs at least one network");
  const sheet = { widthMm: WIDE_MM, heightMm: 70 };
  const panel = domains(sheet, { leftMm: 13, topMm: 8, widthMm: sheet.widthMm - 15, heightMm: 56 });
  const key = placeKey(
    sheet,
    sheet.widthMm - 2,
    3.4,
    summaries.map(({ arm }) => ({ colour: SOURCE_COLOUR[arm.source], name: `trained on ${arm.label}` })),
  );
  const subjects = simulated ? "simulated test subjects" : "test subjects";
  return new Figure({
    id,
    title: "Dice of networks trained on real and on synthetic slices",
    caption: caption(summaries, subjects),
    alternative: `Points and intervals of Dice. ${summaries.map(describe).join(" ")}`,
    data: [...TUMOUR_CLASSES.keys()]
      .flatMap((place) => subjectLines(summaries, place))
      .concat(
        summaries.flatMap((summary, arm) => [
          ...TUMOUR_CLASSES.map((_, place) => subjectPoints(summary, arm, summaries.length, place)),
          means(summary, arm, summaries.length),
        ]),
      ),
    layout: {
      xaxis: axis(undefined, {
        domain: panel.x,
        range: [-0.5, TUMOUR_CLASSES.length + 0.5],
        tickvals: [...CLASS_LABEL, "mean"].map((_, i) => i),
        ticktext: [...CLASS_LABEL, "mean of classes"],
        tickfont: { size: TEXT.body },
        ticks: "",
      }),
      yaxis: axis(`Dice, held-out ${subjects}`, {
        domain: panel.y,
        range: [-0.02, 1.02],
        tickvals: [0, 0.2, 0.4, 0.6, 0.8, 1],
        showgrid: true,
        gridcolor: "#ececec",
        gridwidth: LINE.hair,
      }),
      ...key,
    },
    ...sheet,
  });
}

/** Hairlines between the points of one subject, one trace a class. */
function subjectLines(summaries: readonly DiceSummary[], place: number): Trace[] {
  const name = TUMOUR_CLASSES[place];
  const [first] = summaries;
  if (name === undefined || first === undefined || summaries.length < 2) return [];
  const count = first.arm.subjects.length;
  const points = first.arm.subjects.flatMap((_, subject) => [
    ...summaries.map(({ arm }, i) => [
      xOf(i, summaries.length, place, subject, count),
      finite(arm.dice[name][subject]),
    ]),
    [null, null],
  ]);
  return [
    {
      type: "scatter",
      mode: "lines",
      x: points.map(([x]) => x),
      y: points.map(([, y]) => y),
      line: { color: "rgba(0,0,0,0.13)", width: LINE.hair },
      hoverinfo: "skip",
    },
  ];
}

function subjectPoints({ arm }: DiceSummary, index: number, arms: number, place: number): Trace {
  const name = TUMOUR_CLASSES[place];
  const values = name === undefined ? [] : Array.from(arm.dice[name], finite);
  return {
    type: "scatter",
    mode: "markers",
    name: `${arm.label}: subjects`,
    x: values.map((_, subject) => xOf(index, arms, place, subject, values.length)),
    y: values,
    text: arm.subjects,
    marker: { color: withOpacity(SOURCE_COLOUR[arm.source], 0.45), size: 4.2, line: { width: 0 } },
    hovertemplate: "%{text}: %{y:.3f}<extra></extra>",
  };
}

/** Means of the classes and their mean, with intervals, beside the subjects' points. */
function means({ arm, perClass, mean }: DiceSummary, index: number, arms: number): Trace {
  const intervals: readonly Interval[] = [...TUMOUR_CLASSES.map((name) => perClass[name]), mean];
  // Outside the lines between two networks: to the right for the last one.
  const side = arms === 2 && index === 1 ? 1 : -1;
  const shift = side * (0.5 * SPREAD * (GROUP_WIDTH / arms) + 0.05);
  return {
    type: "scatter",
    mode: "markers",
    name: arm.label,
    // The mean of classes has no points of subjects beside it.
    x: intervals.map((_, place) => centre(index, arms, place) + (place < TUMOUR_CLASSES.length ? shift : 0)),
    y: intervals.map(({ estimate }) => finite(estimate)),
    error_y: {
      type: "data",
      symmetric: false,
      array: intervals.map(({ estimate, high }) => finite(high - estimate)),
      arrayminus: intervals.map(({ estimate, low }) => finite(estimate - low)),
      color: SOURCE_COLOUR[arm.source],
      thickness: LINE.data,
      width: 3,
    },
    marker: { color: SOURCE_COLOUR[arm.source], size: 6.5 },
    hovertemplate: "mean %{y:.3f}<extra></extra>",
  };
}

function centre(arm: number, arms: number, place: number): number {
  return place + GROUP_WIDTH * ((arm + 0.5) / arms - 0.5);
}

function xOf(arm: number, arms: number, place: number, subject: number, subjects: number): number {
  return centre(arm, arms, place) + SPREAD * (GROUP_WIDTH / arms) * ((subject + 0.5) / subjects - 0.5);
}

/** A number, or null for plotly where there is none. */
function finite(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

function describe({ arm, perClass, mean }: DiceSummary): string {
  const classes = TUMOUR_CLASSES.map((name, i) => `${CLASS_LABEL[i]} ${written(perClass[name].estimate, 2)}`);
  return `Trained on ${arm.label}: ${classes.join(", ")}, mean ${written(mean.estimate, 2)}.`;
}

function caption(summaries: readonly DiceSummary[], subjects: string): string {
  const n = summaries[0]?.arm.subjects.length ?? 0;
  const absent = TUMOUR_CLASSES.flatMap((name, i) => {
    const counts = summaries.map(({ arm }) => countOf(arm.dice[name]));
    const least = Math.min(...counts);
    return least < n ? [`${CLASS_LABEL[i]} n = ${least}`] : [];
  });
  const fewer =
    absent.length === 0
      ? ""
      : ` Without the class in annotation and prediction a subject has no value (${absent.join(", ")}).`;
  return `Dice on n = ${n} held-out ${subjects}. Small points: subjects, joined between networks. Large points and bars: mean and ${100 * DEFAULT_LEVEL} % percentile interval of ${DEFAULT_REPLICATES} bootstrap draws of subjects.${fewer}`;
}
