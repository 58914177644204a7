import type { SliceSet } from "../data/slice-set";
import { SEQUENCES } from "../shape";
import { Figure, hiddenAxis, type Layout } from "./figure";
import { PAGE_MM, TEXT } from "./page";
import { SOURCE_COLOUR, type Source } from "./palette";
import { CLASS_KEY, placeImage, placeKey, placeLabel, placeRectangle, wrapText, type Sheet } from "./sheet";
import { classTile, greyTile } from "./slice-tile";
import {
  classImage,
  commonCrop,
  SEQUENCE_LABEL,
  sequenceImage,
  windowsOf,
  type Crop,
  type SequenceWindows,
} from "./slice-view";

/** Slices of one source. */
export interface MontageRow {
  /** What stands beside the rows, e.g. "real (simulated), test". */
  readonly label: string;
  readonly source: Source;
  readonly set: SliceSet;
  /** Positions of the shown slices in the set, one row of tiles each. */
  readonly indices: readonly number[];
}

export interface MontageContent {
  readonly id: string;
  readonly rows: readonly MontageRow[];
  /** Grey windows; those of the first row's whole set where left out. */
  readonly windows?: SequenceWindows;
  /** Width on paper, mm; narrower where the height would pass the page. */
  readonly widthMm?: number;
  /** Said after the caption, e.g. which checkpoint was sampled. */
  readonly note?: string;
}

const COLUMNS = SEQUENCES.length + 1;
const MARGIN = { lineMm: 3.2, barMm: 2.4, topMm: 5, bottomMm: 6, gapMm: 0.6, groupGapMm: 2.4 } as const;
const TALLEST_MM = 225;

/** How the tiles stand on the sheet. */
interface Grid {
  readonly sheet: Sheet;
  readonly crop: Crop;
  readonly tileWidthMm: number;
  readonly tileHeightMm: number;
  readonly windows: SequenceWindows;
  /** Room for the labels of the rows and their bars. */
  readonly leftMm: number;
}

/**
 * Slices of several sources, one row a slice, one column a sequence and the annotation last. The grey scale
 * is fixed per sequence over all rows, and all are cropped to the same part of the image.
 */
export function montageFigure(content: MontageContent): Figure {
  const rows = content.rows.filter(({ indices }) => indices.length > 0);
  const [first] = rows;
  if (first === undefined) throw new RangeError("a montage needs at least one slice");
  const grid = layGrid(rows, content.windows ?? windowsOf(first.set), content.widthMm ?? PAGE_MM);
  const { sheet, tileHeightMm, leftMm } = grid;
  const key = placeKey(sheet, sheet.widthMm - 0.5, sheet.heightMm - 2.2, CLASS_KEY);
  const images: Layout[] = [];
  const annotations = [...key.annotations, ...columnLabels(grid)];
  const shapes = [...key.shapes];
  let topMm: number = MARGIN.topMm;
  for (const row of rows) {
    const heightMm = row.indices.length * (tileHeightMm + MARGIN.gapMm) - MARGIN.gapMm;
    const bar = { leftMm: leftMm - 1.6, topMm, widthMm: 0.8, heightMm };
    shapes.push(placeRectangle(sheet, bar, SOURCE_COLOUR[row.source]));
    annotations.push(
      placeLabel(sheet, (leftMm - MARGIN.barMm) / 2, topMm + heightMm / 2, row.label, {
        align: "center",
        angleDeg: -90,
        bold: true,
        wrapMm: heightMm,
        size: TEXT.small,
      }),
    );
    for (const index of row.indices) {
      images.push(...sliceTiles(grid, row.set, index, topMm));
      topMm += tileHeightMm + MARGIN.gapMm;
    }
    topMm += MARGIN.groupGapMm - MARGIN.gapMm;
  }
  return new Figure({
    id: content.id,
    title: "Slices of each source",
    caption: caption(rows, content.note),
    alternative: `Grid of axial brain slices: ${rows.map((row) => `${row.indices.length} of ${row.label}`).join(", ")}; each as T1w, T1w-Gd, T2w, FLAIR and mask.`,
    data: [],
    layout: { images, annotations, shapes, xaxis: hiddenAxis(0, 1), yaxis: hiddenAxis(0, 1) },
    ...sheet,
  });
}

/** The largest tiles that keep the figure on a page. */
function layGrid(rows: readonly MontageRow[], windows: SequenceWindows, widthMm: number): Grid {
  const oneLine = fitGrid(rows, windows, widthMm, 1);
  const lines = rows.map(({ label, indices }) => {
    const heightMm = indices.length * (oneLine.tileHeightMm + MARGIN.gapMm) - MARGIN.gapMm;
    return wrapText(label, heightMm, TEXT.small, true).length;
  });
  return fitGrid(rows, windows, widthMm, Math.max(...lines));
}

/** @param labelLines Lines of the longest label of a row. */
function fitGrid(
  rows: readonly MontageRow[],
  windows: SequenceWindows,
  widthMm: number,
  labelLines: number,
): Grid {
  const crop = commonCrop(rows);
  const leftMm = labelLines * MARGIN.lineMm + MARGIN.barMm;
  const tiles = rows.reduce((sum, row) => sum + row.indices.length, 0);
  const gapsMm = (tiles - rows.length) * MARGIN.gapMm + (rows.length - 1) * MARGIN.groupGapMm;
  const fixedHeightMm = MARGIN.topMm + MARGIN.bottomMm + gapsMm;
  const fixedWidthMm = leftMm + (COLUMNS - 1) * MARGIN.gapMm;
  const mmPerPixel = Math.min(
    (widthMm - fixedWidthMm) / (COLUMNS * crop.width),
    (TALLEST_MM - fixedHeightMm) / (tiles * crop.height),
  );
  const [tileWidthMm, tileHeightMm] = [mmPerPixel * crop.width, mmPerPixel * crop.height];
  const sheet = {
    widthMm: fixedWidthMm + COLUMNS * tileWidthMm,
    heightMm: fixedHeightMm + tiles * tileHeightMm,
  };
  return { sheet, crop, tileWidthMm, tileHeightMm, windows, leftMm };
}

function columnLabels(grid: Grid): Layout[] {
  const names = [...SEQUENCES.map((sequence) => SEQUENCE_LABEL[sequence]), "mask"];
  return names.map((name, column) =>
    placeLabel(grid.sheet, columnLeftMm(grid, column) + grid.tileWidthMm / 2, MARGIN.topMm - 0.8, name, {
      align: "center",
      vertical: "bottom",
      size: TEXT.panel,
      bold: true,
    }),
  );
}

function sliceTiles(grid: Grid, set: SliceSet, index: number, topMm: number): Layout[] {
  const { crop, windows, tileWidthMm: widthMm, tileHeightMm: heightMm } = grid;
  const tiles = [
    ...SEQUENCES.map((name) => greyTile(sequenceImage(set, index, name, crop), windows[name])),
    classTile(classImage(set, index, crop)),
  ];
  return tiles.map((tile, column) =>
    placeImage(grid.sheet, { leftMm: columnLeftMm(grid, column), topMm, widthMm, heightMm }, tile),
  );
}

function columnLeftMm({ tileWidthMm, leftMm }: Grid, column: number): number {
  return leftMm + column * (tileWidthMm + MARGIN.gapMm);
}

function caption(rows: readonly MontageRow[], note: string | undefined): string {
  const shown = rows
    .map((row) => `${row.label}: ${row.indices.length} of ${row.set.count} slices`)
    .join("; ");
  const simulated = rows.some((row) => row.set.simulated)
    ? " The real slices are of a simulated cohort, not of patients."
    : "";
  const size = rows[0]?.set.size ?? 0;
  return `${shown}.${simulated} Grey scale fixed per sequence; ${size} x ${size} pixels, cropped to the heads, enlarged bicubically.${note === undefined ? "" : ` ${note}`}`;
}
