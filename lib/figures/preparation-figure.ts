import type { StepImage } from "../data/preparation-steps";
import { Figure, hiddenAxis, type Layout } from "./figure";
import { PAGE_MM, TEXT } from "./page";
import { FAINT, INK, SOURCE_COLOUR } from "./palette";
import { CLASS_KEY, placeImage, placeKey, placeLabel, placeRectangle, type Sheet } from "./sheet";
import { classTile, greyTile, type GreyWindow } from "./slice-tile";

/** A sequence, or the annotation, on its way through the steps. */
export interface PreparationRow {
  readonly label: string;
  /** One a step. Whole numbers that are class indices where `classes` is set. */
  readonly steps: readonly { readonly image: StepImage; readonly note: string }[];
  readonly classes: boolean;
}

/** An axial slice under the rule of the study. */
export interface RuledSlice {
  /** 1-based axial position. */
  readonly z: number;
  readonly image: StepImage;
  readonly brightShare: number;
  readonly kept: boolean;
}

export interface PreparationFigureContent {
  readonly id: string;
  /** Whose slice: the id, with "simulated" where it is. */
  readonly subject: string;
  readonly z: number;
  /** Headings of the columns. */
  readonly steps: readonly string[];
  readonly rows: readonly PreparationRow[];
  readonly ruled: readonly RuledSlice[];
  /** Smallest share of bright pixels of a kept slice, and the grey value above which a pixel is bright. */
  readonly rule: { readonly share: number; readonly above: number };
  /** How many slices of the subject are kept, of how many. */
  readonly kept: number;
  readonly of: number;
}

const LEFT_MM = 8;
const TOP_MM = 6;
/** Side of 256 pixels on paper, and what stands below a tile. */
const CELL_MM = 33;
const NOTE_MM = 4;

/** What each step of the preparation does to one slice, and which slices the rule of the study keeps. */
export function preparationFigure(content: PreparationFigureContent): Figure {
  const { id, subject, z, steps, rows, ruled, rule, kept, of } = content;
  const stripTopMm = TOP_MM + rows.length * (CELL_MM + NOTE_MM) + 5;
  const stripMm = (PAGE_MM - LEFT_MM) / ruled.length - 1;
  const sheet = { widthMm: PAGE_MM, heightMm: stripTopMm + stripMm + 12 };
  const key = placeKey(sheet, sheet.widthMm - 1, sheet.heightMm - 2.4, CLASS_KEY);
  const strip = ruled.map((slice, i) =>
    ruledTile(sheet, slice, LEFT_MM + i * (stripMm + 1), stripTopMm, stripMm),
  );
  const tiles = rows.map((row, i) => rowTiles(sheet, row, TOP_MM + i * (CELL_MM + NOTE_MM)));
  const percent = `${Math.round(100 * rule.share)} %`;
  return new Figure({
    id,
    title: "What the preparation does to a slice",
    caption: `${subject}, axial slice ${z}, after each step; with the side in pixels; the last column shows its pixels enlarged. Below each tile the range of its values and how many there are. White is the same share of the scale in each column. Bottom: slices of the same subject from below to above, with the share of pixels above ${rule.above} of 255 on T1w; those with more than ${percent} are kept (bar), ${kept} of ${of}.`,
    alternative: `Tiles of ${rows.map(({ label }) => label).join(", ")} after ${steps.join(", ")}; ${ruled.filter((slice) => slice.kept).length} of ${ruled.length} shown slices are kept.`,
    data: [],
    layout: {
      images: [...tiles.flatMap(({ images }) => images), ...strip.map(({ image }) => image)],
      annotations: [
        ...steps.map((step, i) =>
          placeLabel(sheet, columnMm(i) + CELL_MM / 2, TOP_MM - 1, step, {
            align: "center",
            vertical: "bottom",
            bold: true,
          }),
        ),
        ...tiles.flatMap(({ labels }) => labels),
        ...strip.map(({ label }) => label),
        sideLabel(sheet, `${percent} rule`, stripTopMm + stripMm / 2),
        ...key.annotations,
      ],
      shapes: [...strip.map(({ bar }) => bar), ...key.shapes],
      xaxis: hiddenAxis(0, 1),
      yaxis: hiddenAxis(0, 1),
    },
    ...sheet,
  });
}

function columnMm(index: number): number {
  return LEFT_MM + index * ((PAGE_MM - LEFT_MM - CELL_MM) / 4);
}

function sideLabel(sheet: Sheet, text: string, middleMm: number): Layout {
  return placeLabel(sheet, LEFT_MM / 2 - 0.5, middleMm, text, { align: "center", angleDeg: -90, bold: true });
}

function rowTiles(
  sheet: Sheet,
  { label, steps, classes }: PreparationRow,
  topMm: number,
): { readonly images: readonly Layout[]; readonly labels: readonly Layout[] } {
  const images = steps.map(({ image }, column) => {
    // 256 pixels fill a cell; the slice before padding is as much smaller.
    const sideMm = (CELL_MM * Math.min(256, enlarged(image).side)) / 256;
    const inset = (CELL_MM - sideMm) / 2;
    const place = {
      leftMm: columnMm(column) + inset,
      topMm: topMm + inset,
      widthMm: sideMm,
      heightMm: sideMm,
    };
    return placeImage(sheet, place, classes ? classesOf(image) : grey(image, windowOf(steps, column)));
  });
  const notes = steps.map(({ note }, column) =>
    placeLabel(sheet, columnMm(column) + CELL_MM / 2, topMm + CELL_MM + 1.9, note, {
      align: "center",
      size: TEXT.small,
    }),
  );
  return { images, labels: [sideLabel(sheet, label, topMm + CELL_MM / 2), ...notes] };
}

function ruledTile(
  sheet: Sheet,
  { z, image, brightShare, kept }: RuledSlice,
  leftMm: number,
  topMm: number,
  sideMm: number,
): { readonly image: Layout; readonly bar: Layout; readonly label: Layout } {
  const place = { leftMm, topMm, widthMm: sideMm, heightMm: sideMm };
  const text = `${z}: ${(100 * brightShare).toFixed(0)} %${kept ? "" : ", out"}`;
  return {
    image: placeImage(sheet, place, grey(image, { low: 0, high: highest(image) })),
    bar: placeRectangle(
      sheet,
      { ...place, topMm: topMm + sideMm + 0.4, heightMm: 0.9 },
      kept ? SOURCE_COLOUR.real : FAINT,
    ),
    label: placeLabel(sheet, leftMm + sideMm / 2, topMm + sideMm + 3.4, text, {
      align: "center",
      size: TEXT.small,
      colour: INK,
    }),
  };
}

/** White is the same share of the scale in all columns: the slice's maximum as scanned, and as scaled. */
function windowOf(steps: PreparationRow["steps"], column: number): GreyWindow {
  const image = steps[Math.min(column, 1)]?.image;
  return { low: 0, high: image === undefined ? 255 : highest(image) };
}

function highest({ values }: StepImage): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

function grey(image: StepImage, window: GreyWindow): string {
  const { side, values } = enlarged(image);
  return greyTile({ width: side, height: side, values }, window);
}

function classesOf(image: StepImage): string {
  const { side, values } = enlarged(image);
  return classTile({ width: side, height: side, classes: Uint8Array.from(values) });
}

/** Small slices with each pixel repeated, so that the pixels are seen. */
function enlarged({ side, values }: StepImage): StepImage {
  const factor = Math.max(1, Math.floor(256 / side));
  if (factor === 1) return { side, values };
  const wide = side * factor;
  const repeated = Float32Array.from({ length: wide * wide }, (_, i) => {
    const [x, y] = [Math.floor((i % wide) / factor), Math.floor(i / wide / factor)];
    return values[y * side + x] ?? 0;
  });
  return { side: wide, values: repeated };
}
