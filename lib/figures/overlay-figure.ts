import type { SliceSet } from "../data/slice-set";
import type { Sequence } from "../shape";
import { Figure, hiddenAxis, type Layout } from "./figure";
import { PAGE_MM, TEXT } from "./page";
import { SOURCE_COLOUR, type Source } from "./palette";
import { CLASS_KEY, placeImage, placeKey, placeLabel, placeRectangle, wrapText, type Sheet } from "./sheet";
import { greyTile, overlayTile } from "./slice-tile";
import {
  classImage,
  commonCrop,
  cropClasses,
  SEQUENCE_LABEL,
  sequenceImage,
  windowsOf,
  type Crop,
  type SequenceWindows,
} from "./slice-view";

/** A network whose predictions are shown. */
export interface OverlayArm {
  readonly source: Source;
  /** E.g. "trained on synthetic (diffusion)". */
  readonly label: string;
}

/** A slice with the predictions of each network. */
export interface OverlayCase {
  /** Position of the slice in the set. */
  readonly index: number;
  /** Class index of each pixel, [H, W], one map a network in the order of the networks. */
  readonly predictions: readonly Uint8Array[];
}

export interface OverlayContent {
  readonly id: string;
  /** Held-out test slices with their annotation. */
  readonly set: SliceSet;
  /** What the networks are, in the plural: "U-Nets". */
  readonly network: string;
  readonly arms: readonly OverlayArm[];
  readonly cases: readonly OverlayCase[];
  /** The sequence beneath; T1w with gadolinium where left out. */
  readonly sequence?: Sequence;
  readonly windows?: SequenceWindows;
}

/** Above the tiles: names of two lines, and what each further line needs. */
const HEAD_MM = 10;
const LINE_MM = 3.3;
const FOOT_MM = 6;
const SIDE_MM = 8;
const GAP_MM = 0.6;
const WIDEST_TILE_MM = 38;

interface Grid {
  readonly sheet: Sheet;
  readonly headMm: number;
  readonly crop: Crop;
  readonly tileWidthMm: number;
  readonly tileHeightMm: number;
}

/** Annotation and predictions laid over held-out slices: one row a slice, one column a network. */
export function overlayFigure(content: OverlayContent): Figure {
  const { set, network, arms, cases, sequence = "t1wGd" } = content;
  if (cases.length === 0) throw new RangeError("an overlay figure needs at least one slice");
  const window = (content.windows ?? windowsOf(set))[sequence];
  const grid = layGrid(set, cases, arms);
  const { sheet, headMm, crop, tileWidthMm: widthMm, tileHeightMm: heightMm } = grid;
  const key = placeKey(sheet, sheet.widthMm - 0.5, sheet.heightMm - 2.2, CLASS_KEY);
  const images = cases.flatMap(({ index, predictions }, row) => {
    const image = sequenceImage(set, index, sequence, crop);
    const maps = [
      classImage(set, index, crop),
      ...predictions.map((map) => cropClasses(map, set.size, crop)),
    ];
    const tiles = [greyTile(image, window), ...maps.map((map) => overlayTile(image, window, map))];
    const topMm = headMm + row * (heightMm + GAP_MM);
    return tiles.map((tile, column) =>
      placeImage(sheet, { leftMm: leftMm(grid, column), topMm, widthMm, heightMm }, tile),
    );
  });
  const name = SEQUENCE_LABEL[sequence];
  return new Figure({
    id: content.id,
    title: "Annotation and predictions on held-out slices",
    caption: `${cases.length} axial ${name} slices of held-out ${set.simulated ? "simulated " : ""}test subjects: the slice, its annotation, and the prediction of ${network} trained on ${arms.map(({ label }) => label).join(", ")}. Grey scale fixed; ${set.size} x ${set.size} pixels, cropped to the heads, enlarged bicubically.`,
    alternative: `Grid of ${cases.length} slices with the annotation and ${arms.length} predictions laid over them in the colours of the classes.`,
    data: [],
    layout: {
      images,
      annotations: [...key.annotations, ...columnLabels(grid, arms, name), ...rowLabels(grid, set, cases)],
      shapes: [
        ...key.shapes,
        ...arms.map(({ source }, i) => {
          const bar = { leftMm: leftMm(grid, i + 2), topMm: headMm - 1.3, widthMm, heightMm: 0.8 };
          return placeRectangle(sheet, bar, SOURCE_COLOUR[source]);
        }),
      ],
      xaxis: hiddenAxis(0, 1),
      yaxis: hiddenAxis(0, 1),
    },
    ...sheet,
  });
}

function layGrid(set: SliceSet, cases: readonly OverlayCase[], arms: readonly OverlayArm[]): Grid {
  const columns = 2 + arms.length;
  const crop = commonCrop([{ set, indices: cases.map(({ index }) => index) }]);
  const byPage = (PAGE_MM - SIDE_MM - (columns - 1) * GAP_MM) / columns;
  const tileWidthMm = Math.min(WIDEST_TILE_MM, byPage);
  const tileHeightMm = (tileWidthMm * crop.height) / crop.width;
  const widthMm = SIDE_MM + columns * (tileWidthMm + GAP_MM) - GAP_MM;
  const lines = arms.map(({ label }) => wrapText(label, tileWidthMm, TEXT.body, true).length);
  const headMm = HEAD_MM + LINE_MM * Math.max(0, Math.max(...lines) - 2);
  const heightMm = headMm + cases.length * (tileHeightMm + GAP_MM) - GAP_MM + FOOT_MM;
  return { sheet: { widthMm, heightMm }, headMm, crop, tileWidthMm, tileHeightMm };
}

function columnLabels(grid: Grid, arms: readonly OverlayArm[], sequence: string): readonly Layout[] {
  return [sequence, "annotation", ...arms.map(({ label }) => label)].map((name, column) =>
    placeLabel(grid.sheet, leftMm(grid, column) + grid.tileWidthMm / 2, grid.headMm - 2, name, {
      align: "center",
      vertical: "bottom",
      size: TEXT.body,
      bold: true,
      wrapMm: grid.tileWidthMm,
    }),
  );
}

function rowLabels(grid: Grid, set: SliceSet, cases: readonly OverlayCase[]): readonly Layout[] {
  return cases.map(({ index }, row) => {
    const subject = set.subjects[set.subjectOf[index] ?? 0] ?? "";
    const middleMm = grid.headMm + row * (grid.tileHeightMm + GAP_MM) + grid.tileHeightMm / 2;
    return placeLabel(grid.sheet, 3.5, middleMm, `${subject}, slice ${set.z[index] ?? 0}`, {
      align: "center",
      angleDeg: -90,
      size: TEXT.small,
      wrapMm: grid.tileHeightMm,
    });
  });
}

function leftMm({ tileWidthMm }: Grid, column: number): number {
  return SIDE_MM + column * (tileWidthMm + GAP_MM);
}
