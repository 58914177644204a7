import type { Layout } from "./figure";
import { LINE, PIXELS_PER_MM, TEXT } from "./page";
import { CLASS_LABEL, CLASS_RGB, cssColour, INK } from "./palette";
import { measureText } from "./text-metrics";

/** The paper a figure stands on. Everything is placed in mm from its left upper corner. */
export interface Sheet {
  readonly widthMm: number;
  readonly heightMm: number;
}

/** A rectangle on the sheet, mm. */
export interface Place {
  readonly leftMm: number;
  readonly topMm: number;
  readonly widthMm: number;
  readonly heightMm: number;
}

/** An image in its place, for `layout.images`. */
export function placeImage(sheet: Sheet, place: Place, source: string): Layout {
  return {
    source,
    xref: "paper",
    yref: "paper",
    x: place.leftMm / sheet.widthMm,
    y: 1 - place.topMm / sheet.heightMm,
    sizex: place.widthMm / sheet.widthMm,
    sizey: place.heightMm / sheet.heightMm,
    xanchor: "left",
    yanchor: "top",
    sizing: "stretch",
    layer: "above",
  };
}

/** How a text stands at its point. */
export interface LabelStyle {
  readonly align?: "left" | "center" | "right";
  readonly vertical?: "top" | "middle" | "bottom";
  readonly size?: number;
  readonly colour?: string;
  readonly angleDeg?: number;
  readonly bold?: boolean;
  /** The text is broken between words into lines of at most this width. */
  readonly wrapMm?: number;
}

/** A text at a point, for `layout.annotations`; special characters are escaped. */
export function placeLabel(
  sheet: Sheet,
  leftMm: number,
  topMm: number,
  text: string,
  style: LabelStyle = {},
): Layout {
  const {
    align = "left",
    vertical = "middle",
    size = TEXT.body,
    colour = INK,
    angleDeg = 0,
    bold = false,
    wrapMm,
  } = style;
  const lines = wrapMm === undefined ? [text] : wrapText(text, wrapMm, size, bold);
  return {
    text: lines.map((line) => (bold ? `<b>${plain(line)}</b>` : plain(line))).join("<br>"),
    xref: "paper",
    yref: "paper",
    x: leftMm / sheet.widthMm,
    y: 1 - topMm / sheet.heightMm,
    xanchor: align,
    yanchor: vertical,
    textangle: angleDeg,
    showarrow: false,
    borderpad: 0,
    borderwidth: 0,
    font: { size, color: colour },
  };
}

/** A filled rectangle, for `layout.shapes`. */
export function placeRectangle(sheet: Sheet, place: Place, fill: string, line = "rgba(0,0,0,0)"): Layout {
  return {
    type: "rect",
    xref: "paper",
    yref: "paper",
    x0: place.leftMm / sheet.widthMm,
    x1: (place.leftMm + place.widthMm) / sheet.widthMm,
    y0: 1 - place.topMm / sheet.heightMm,
    y1: 1 - (place.topMm + place.heightMm) / sheet.heightMm,
    fillcolor: fill,
    line: { width: LINE.hair, color: line },
    layer: "above",
  };
}

/** A colour and what it stands for. */
export interface KeyEntry {
  readonly colour: string;
  readonly name: string;
}

/** The colours of the tumour classes. */
export const CLASS_KEY: readonly KeyEntry[] = CLASS_LABEL.map((name, i) => ({
  colour: cssColour(CLASS_RGB[i + 1] ?? CLASS_RGB[0]),
  name,
}));

/** A key in one line that ends at a point: coloured squares, each before its name. */
export function placeKey(
  sheet: Sheet,
  rightMm: number,
  middleMm: number,
  entries: readonly KeyEntry[],
): { readonly annotations: readonly Layout[]; readonly shapes: readonly Layout[] } {
  const squareMm = 2.3;
  const [afterSquareMm, afterNameMm] = [0.9, 4];
  const widths = entries.map(({ name }) => textWidthMm(name) + squareMm + afterSquareMm);
  const annotations: Layout[] = [];
  const shapes: Layout[] = [];
  let leftMm = rightMm - widths.reduce((sum, width) => sum + width, (entries.length - 1) * afterNameMm);
  entries.forEach(({ colour, name }, i) => {
    const square = { leftMm, topMm: middleMm - squareMm / 2, widthMm: squareMm, heightMm: squareMm };
    shapes.push(placeRectangle(sheet, square, colour));
    annotations.push(placeLabel(sheet, leftMm + squareMm + afterSquareMm, middleMm, name));
    leftMm += (widths[i] ?? 0) + afterNameMm;
  });
  return { annotations, shapes };
}

/** Width of a line of text on paper, mm. */
export function textWidthMm(text: string, size: number = TEXT.body, bold = false): number {
  return measureText(text, { sizePixels: size, bold, italic: false }).width / PIXELS_PER_MM;
}

/** The parts of the sheet that a pair of axes takes, for `domain` of x and y. */
export function domains(
  sheet: Sheet,
  place: Place,
): { readonly x: readonly number[]; readonly y: readonly number[] } {
  return {
    x: [place.leftMm / sheet.widthMm, (place.leftMm + place.widthMm) / sheet.widthMm],
    y: [1 - (place.topMm + place.heightMm) / sheet.heightMm, 1 - place.topMm / sheet.heightMm],
  };
}

/** A text broken between words into lines of at most a width; a longer word stands alone. */
export function wrapText(text: string, widthMm: number, size: number, bold: boolean): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1) ?? ""} ${word}`;
    if (lines.length > 0 && textWidthMm(longer, size, bold) <= widthMm) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Text with the signs that plotly reads as markup made harmless. */
export function plain(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
