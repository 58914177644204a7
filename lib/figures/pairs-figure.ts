import type { SliceSet } from "../data/slice-set";
import { BACKGROUND_BELOW } from "../metrics/image-rows";
import type { Sequence } from "../shape";
import { axis, Figure, type Layout } from "./figure";
import { PAGE_MM, TEXT, WIDE_MM } from "./page";
import { domains, placeImage, placeLabel, type Place, type Sheet } from "./sheet";
import { enlarge, greyTile, pngUri, type GreyImage, type GreyWindow } from "./slice-tile";
import { commonCrop, sequenceImage, windowsOf, type Crop } from "./slice-view";

/** A synthetic slice and the training slice that it resembles most. */
export interface PairRow {
  /** Said beside the pair over its correlation, e.g. the generator's name; nothing where left out. */
  readonly label?: string;
  /** A line under it. */
  readonly note?: string;
  readonly synthetic: SliceSet;
  readonly syntheticIndex: number;
  readonly training: SliceSet;
  readonly trainingIndex: number;
  /** Slices next to it in the same training subject, in the same set; null where there is none. */
  readonly below?: number | null;
  readonly above?: number | null;
  readonly r: number;
}

export interface PairsContent {
  readonly id: string;
  readonly title: string;
  /** What the pairs are; what the columns show is added. */
  readonly caption: string;
  readonly sequence: Sequence;
  readonly rows: readonly PairRow[];
  /** Grey window; that of the first pair's training slices where left out. */
  readonly window?: GreyWindow;
}

/** Geometry, mm. */
const HEAD_MM = 6;
const FOOT_MM = 8;
const TEXT_MM = 23;
const GAP_MM = 1;
const SCATTER_GAP_MM = 8;
const BINS = 48;

interface PairsSheet {
  /** Headings of the columns, the joint histogram's last. */
  readonly columns: readonly string[];
  readonly sheet: Sheet;
  readonly crop: Crop;
  readonly window: GreyWindow;
  readonly tileMm: { readonly width: number; readonly height: number };
}

/** Columns of slices; those of neighbours stand where any row has one. */
const COLUMNS = ["synthetic", "training", "difference"] as const;
const NEIGHBOURS = ["slice below", "slice above"] as const;

/**
 * Pairs of slices: each beside the other, their difference, the training slice's neighbours in its subject, and how
 * often each pair of grey values occurs.
 */
export function pairsFigure(content: PairsContent): Figure {
  const { id, title, rows, sequence } = content;
  const [first] = rows;
  if (first === undefined) return noPairs(content);
  const page = layOut(
    commonCrop(
      rows.flatMap((row) => [
        { set: row.synthetic, indices: [row.syntheticIndex] },
        { set: row.training, indices: [row.trainingIndex] },
      ]),
    ),
    content.window ?? windowsOf(first.training)[sequence],
    rows,
  );
  const parts = rows.map((row, i) => pairRow(page, sequence, row, { row: i, last: i === rows.length - 1 }));
  const best = rows.reduce((most, { r }) => Math.max(most, r), -1).toFixed(3);
  return new Figure({
    id,
    title,
    caption: `${content.caption} Beside each: that training slice, synthetic minus training (red more, blue less; full colour at half the grey scale), ${page.columns.length > 4 ? "the kept slices below and above it in the same subject, " : ""}and joint counts of grey values on a logarithmic scale (pixels that are background in both left out; the line marks equal values).`,
    alternative: `${rows.length} pairs of a synthetic and its most similar training slice; highest correlation ${best}.`,
    data: [{ type: "scatter", mode: "lines", x: [], y: [], hoverinfo: "skip" }],
    layout: {
      ...Object.assign({}, ...parts.map(({ axes }) => axes)),
      images: parts.flatMap(({ images }) => images),
      annotations: [...columnLabels(page), ...parts.flatMap(({ annotations }) => annotations)],
      shapes: parts.flatMap(({ shapes }) => shapes),
    },
    ...page.sheet,
  });
}

/** Stands in where there is none: a generator of one grey value for all pixels correlates with nothing. */
function noPairs({ id, title, caption }: PairsContent): Figure {
  const sheet = { widthMm: WIDE_MM, heightMm: 20 };
  const text = "No pairs: no synthetic slice has a correlation with a training slice.";
  return new Figure({
    id,
    title,
    caption: `${text} ${caption}`,
    alternative: text,
    data: [{ type: "scatter", mode: "lines", x: [], y: [], hoverinfo: "skip" }],
    layout: { annotations: [placeLabel(sheet, WIDE_MM / 2, 10, text, { align: "center", size: TEXT.body })] },
    ...sheet,
  });
}

function layOut(crop: Crop, window: GreyWindow, rows: readonly PairRow[]): PairsSheet {
  const around = rows.some(({ below, above }) => typeof below === "number" || typeof above === "number");
  const columns = [...COLUMNS, ...(around ? NEIGHBOURS : []), "grey values"];
  const widthMm = around ? PAGE_MM : WIDE_MM;
  // The tiles and a square joint histogram as high as a tile share the width.
  const tiles = columns.length - 1;
  const free = widthMm - TEXT_MM - (tiles - 1) * GAP_MM - SCATTER_GAP_MM - 2;
  const height = free / (tiles * (crop.width / crop.height) + 1);
  const tileMm = { height, width: (height * crop.width) / crop.height };
  const heightMm = HEAD_MM + rows.length * (height + GAP_MM) + FOOT_MM;
  return { columns, sheet: { widthMm, heightMm }, crop, window, tileMm };
}

function columnPlace({ columns, tileMm }: PairsSheet, column: number, row: number): Place {
  const scatter = column === columns.length - 1;
  return {
    leftMm: TEXT_MM + column * (tileMm.width + GAP_MM) + (scatter ? SCATTER_GAP_MM - GAP_MM : 0),
    topMm: HEAD_MM + row * (tileMm.height + GAP_MM),
    widthMm: scatter ? tileMm.height : tileMm.width,
    heightMm: tileMm.height,
  };
}

function columnLabels(page: PairsSheet): readonly Layout[] {
  return page.columns.map((name, column) => {
    const { leftMm, widthMm } = columnPlace(page, column, 0);
    const style = { align: "center", vertical: "bottom", size: TEXT.body, bold: true } as const;
    return placeLabel(page.sheet, leftMm + widthMm / 2, HEAD_MM - 1, name, style);
  });
}

interface Row {
  readonly images: readonly Layout[];
  readonly annotations: readonly Layout[];
  readonly shapes: readonly Layout[];
  readonly axes: Layout;
}

function pairRow(
  page: PairsSheet,
  sequence: Sequence,
  pair: PairRow,
  { row, last }: { readonly row: number; readonly last: boolean },
): Row {
  const { sheet, crop, window } = page;
  const one = sequenceImage(pair.synthetic, pair.syntheticIndex, sequence, crop);
  const other = sequenceImage(pair.training, pair.trainingIndex, sequence, crop);
  const neighbour = (index: number | null | undefined): string | undefined =>
    typeof index === "number"
      ? greyTile(sequenceImage(pair.training, index, sequence, crop), window)
      : undefined;
  const tiles = [
    greyTile(one, window),
    greyTile(other, window),
    differenceTile(one, other, window),
    ...(page.columns.includes(NEIGHBOURS[0]) ? [neighbour(pair.below), neighbour(pair.above)] : []),
    jointTile(one, other, window),
  ];
  const middleMm = columnPlace(page, 0, row).topMm + page.tileMm.height / 2;
  const { subjects, subjectOf, z } = pair.training;
  const lines = [
    ...(pair.label === undefined ? [] : [pair.label]),
    ...(pair.note === undefined ? [] : [pair.note]),
    `r = ${pair.r.toFixed(3)}`,
    subjects[subjectOf[pair.trainingIndex] ?? -1] ?? "",
    `slice ${z[pair.trainingIndex] ?? 0}`,
  ];
  return {
    images: tiles.flatMap((tile, column) =>
      tile === undefined ? [] : [placeImage(sheet, columnPlace(page, column, row), tile)],
    ),
    annotations: lines.map((line, i) =>
      placeLabel(sheet, TEXT_MM - 1.5, middleMm + (i - (lines.length - 1) / 2) * 3.6, line, {
        align: "right",
        bold: i === 0,
        size: TEXT.small,
      }),
    ),
    ...jointAxes(page, row, last),
  };
}

/** Axes around the joint histogram, both from 0 to white, and the line of equal values. */
function jointAxes(page: PairsSheet, row: number, last: boolean): Pick<Row, "axes" | "shapes"> {
  const domain = domains(page.sheet, columnPlace(page, page.columns.length - 1, row));
  const ending = row === 0 ? "" : String(row + 1);
  const { low, high } = page.window;
  const shared = { range: [low, high], nticks: 4, mirror: true, ticklen: 2, layer: "above traces" };
  return {
    axes: {
      [`xaxis${ending}`]: axis(last ? "training" : undefined, {
        ...shared,
        domain: domain.x,
        anchor: `y${ending}`,
        showticklabels: last,
      }),
      [`yaxis${ending}`]: axis(row === 0 ? "synthetic" : undefined, {
        ...shared,
        domain: domain.y,
        anchor: `x${ending}`,
        showticklabels: false,
      }),
    },
    shapes: [
      {
        type: "line",
        xref: `x${ending}`,
        yref: `y${ending}`,
        x0: low,
        x1: high,
        y0: low,
        y1: high,
        line: { color: "rgba(213,94,0,0.8)", width: 0.8 },
        layer: "above",
      },
    ],
  };
}

/** Synthetic minus training: white where equal, red where more, blue where less. */
function differenceTile(one: GreyImage, other: GreyImage, { low, high }: GreyWindow): string {
  const values = one.values.map((value, i) => value - (other.values[i] ?? 0));
  const large = enlarge({ ...one, values }, Math.max(1, Math.ceil(192 / Math.max(one.width, one.height))));
  const rgb = new Uint8Array(3 * large.values.length);
  large.values.forEach((value, i) => {
    const share = Math.max(-1, Math.min(1, (2 * value) / (high - low)));
    const fade = Math.round(255 * (1 - Math.abs(share)));
    const strong = Math.round(255 - 60 * Math.abs(share));
    rgb.set(share > 0 ? [strong, fade, fade] : [fade, fade, strong], 3 * i);
  });
  return pngUri({ width: large.width, height: large.height, channels: 3, bytes: rgb });
}

/** Counts of pairs of grey values, training to the right and synthetic upwards, white for none. */
function jointTile(one: GreyImage, other: GreyImage, { low, high }: GreyWindow): string {
  const counts = new Float64Array(BINS * BINS);
  const bin = (value: number): number =>
    Math.max(0, Math.min(BINS - 1, Math.floor((BINS * (value - low)) / (high - low))));
  one.values.forEach((value, i) => {
    const match = other.values[i] ?? 0;
    if (value < BACKGROUND_BELOW && match < BACKGROUND_BELOW) return;
    const at = (BINS - 1 - bin(value)) * BINS + bin(match);
    counts[at] = (counts[at] as number) + 1;
  });
  const most = Math.log1p(counts.reduce((top, count) => Math.max(top, count), 1));
  const factor = 5;
  const grey = new Uint8Array((BINS * factor) ** 2);
  for (let i = 0; i < grey.length; i++) {
    const [x, y] = [Math.floor((i % (BINS * factor)) / factor), Math.floor(i / (BINS * factor) / factor)];
    const count = counts[y * BINS + x] as number;
    grey[i] = count === 0 ? 255 : Math.round(205 * (1 - Math.log1p(count) / most) + 10);
  }
  return pngUri({ width: BINS * factor, height: BINS * factor, channels: 1, bytes: grey });
}
