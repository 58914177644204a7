/** Lengths on paper, as the CSS pixels (96 to the inch) in which plotly and SVG count. */
export const PIXELS_PER_MM = 96 / 25.4;
const PIXELS_PER_POINT = 96 / 72;

/** Widths of a figure on paper, in mm: one column, one and a half, the full page. */
export const COLUMN_MM = 88;
export const WIDE_MM = 132;
export const PAGE_MM = 180;

/** Millimetres to CSS pixels. */
export function mm(length: number): number {
  return length * PIXELS_PER_MM;
}

/** Typographic points to CSS pixels. */
export function pt(size: number): number {
  return size * PIXELS_PER_POINT;
}

/** Text sizes of every figure, in CSS pixels. */
export const TEXT = { small: pt(7), body: pt(8), panel: pt(9) } as const;

/** Widths of lines, in CSS pixels. */
export const LINE = { hair: pt(0.5), axis: pt(0.75), data: pt(1.25) } as const;
