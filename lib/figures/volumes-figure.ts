import { quantileOfSorted } from "../metrics/quantile";
import { TUMOUR_CLASSES, type TumourClass } from "../shape";
import { axis, Figure, type Trace } from "./figure";
import { LINE, TEXT, WIDE_MM } from "./page";
import { CLASS_LABEL, CLASS_RGB, cssColour, INK } from "./palette";
import { domains } from "./sheet";

export interface VolumesFigureContent {
  readonly id: string;
  /** mL of each class, one number a subject. */
  readonly volumes: Readonly<Record<TumourClass, readonly number[]>>;
  /** "simulated subjects" or "subjects". */
  readonly subjects: string;
}

/** Ends of the axis, mL; what is smaller stands on the lower one. */
const LOWEST_ML = 0.01;

/** Volume of each tumour class in each subject, and the median with the 5th and 95th percentile. */
export function volumesFigure({ id, volumes, subjects }: VolumesFigureContent): Figure {
  const sheet = { widthMm: WIDE_MM, heightMm: 70 };
  const domain = domains(sheet, { leftMm: 18, topMm: 4, widthMm: 110, heightMm: 56 });
  const all = TUMOUR_CLASSES.flatMap((name) => volumes[name]);
  const highest = Math.max(1, ...all);
  const none = TUMOUR_CLASSES.map((name, i) => {
    const count = volumes[name].filter((mL) => mL < LOWEST_ML).length;
    return `${CLASS_LABEL[i] ?? ""} ${count}`;
  });
  return new Figure({
    id,
    title: "Volumes of the tumour classes",
    caption: `Volume of each class in each of ${volumes.edema.length} ${subjects}, on a logarithmic scale. Bar: median, with the 5th to 95th percentile. Below ${LOWEST_ML} mL, drawn on the lower end: ${none.join(", ")}.`,
    alternative: `Median volumes: ${TUMOUR_CLASSES.map((name, i) => `${CLASS_LABEL[i] ?? ""} ${spread(volumes[name])[1].toPrecision(2)} mL`).join(", ")}.`,
    data: TUMOUR_CLASSES.flatMap((name, i) => classTraces(volumes[name], i)),
    layout: {
      xaxis: axis(undefined, {
        domain: domain.x,
        range: [-0.5, TUMOUR_CLASSES.length - 0.5],
        tickvals: TUMOUR_CLASSES.map((_, i) => i),
        ticktext: [...CLASS_LABEL],
        tickfont: { size: TEXT.body },
        ticks: "",
      }),
      yaxis: axis("volume (mL)", {
        domain: domain.y,
        type: "log",
        range: [Math.log10(LOWEST_ML) - 0.1, Math.log10(highest) + 0.15],
        tickvals: [0.01, 0.1, 1, 10, 100],
        ticktext: ["≤ 0.01", "0.1", "1", "10", "100"],
      }),
    },
    ...sheet,
  });
}

function classTraces(values: readonly number[], index: number): readonly Trace[] {
  const colour = cssColour(CLASS_RGB[index + 1] ?? CLASS_RGB[0]);
  const drawn = (mL: number): number => Math.max(LOWEST_ML, mL);
  const [p05, median, p95] = spread(values);
  return [
    {
      type: "scatter",
      mode: "markers",
      name: CLASS_LABEL[index],
      // Subjects side by side in their order: no draw is needed to keep them apart.
      x: values.map((_, i) => index - 0.3 + (0.5 * (i + 0.5)) / values.length),
      y: values.map(drawn),
      marker: { color: colour, size: 4.2, opacity: 0.7 },
      hovertemplate: "%{y:.3g} mL<extra></extra>",
    },
    {
      type: "scatter",
      mode: "lines+markers",
      x: [index + 0.32, index + 0.32, index + 0.32],
      y: [p05, median, p95].map(drawn),
      line: { color: INK, width: LINE.data },
      marker: { color: INK, size: [0, 7, 0], opacity: 1 },
      hovertemplate: "%{y:.3g} mL<extra></extra>",
    },
  ];
}

/** 5th percentile, median, 95th percentile. */
function spread(values: readonly number[]): readonly [number, number, number] {
  const sorted = Float64Array.from(values).sort();
  return [quantileOfSorted(sorted, 0.05), quantileOfSorted(sorted, 0.5), quantileOfSorted(sorted, 0.95)];
}
