import type { Layout } from "./figure";
import { LINE } from "./page";
import { placeLabel, placeRectangle, textWidthMm, type KeyEntry, type Sheet } from "./sheet";

/** An entry of a key in lines: a square of colour, or a piece of line where it is drawn so. */
export interface LineKeyEntry extends KeyEntry {
  readonly dashed?: boolean;
}

/** A key that stands above panels, in as many lines as it needs. */
export interface Key {
  readonly annotations: readonly Layout[];
  readonly shapes: readonly Layout[];
  readonly heightMm: number;
}

const SQUARE_MM = 2.3;
const DASH_MM = 4.6;
const AFTER_MARK_MM = 0.9;
const AFTER_NAME_MM = 4;
const LINE_MM = 4;

/** Lays entries out from the left, and goes on in the next line where the width is used up. */
export function placeKeyLines(
  sheet: Sheet,
  place: { readonly leftMm: number; readonly topMm: number; readonly widthMm: number },
  entries: readonly LineKeyEntry[],
): Key {
  const annotations: Layout[] = [];
  const shapes: Layout[] = [];
  let [leftMm, line] = [0, 0];
  for (const entry of entries) {
    const markMm = entry.dashed === true ? DASH_MM : SQUARE_MM;
    const widthMm = markMm + AFTER_MARK_MM + textWidthMm(entry.name);
    if (leftMm > 0 && leftMm + widthMm > place.widthMm) [leftMm, line] = [0, line + 1];
    const middleMm = place.topMm + (line + 0.5) * LINE_MM;
    shapes.push(mark(sheet, place.leftMm + leftMm, middleMm, entry));
    annotations.push(placeLabel(sheet, place.leftMm + leftMm + markMm + AFTER_MARK_MM, middleMm, entry.name));
    leftMm += widthMm + AFTER_NAME_MM;
  }
  return { annotations, shapes, heightMm: entries.length === 0 ? 0 : (line + 1) * LINE_MM };
}

function mark(sheet: Sheet, leftMm: number, middleMm: number, { colour, dashed }: LineKeyEntry): Layout {
  if (dashed !== true) {
    const square = { leftMm, topMm: middleMm - SQUARE_MM / 2, widthMm: SQUARE_MM, heightMm: SQUARE_MM };
    return placeRectangle(sheet, square, colour);
  }
  const y = 1 - middleMm / sheet.heightMm;
  return {
    type: "line",
    xref: "paper",
    yref: "paper",
    x0: leftMm / sheet.widthMm,
    x1: (leftMm + DASH_MM) / sheet.widthMm,
    y0: y,
    y1: y,
    line: { color: colour, width: LINE.data, dash: "3px,2px" },
  };
}
