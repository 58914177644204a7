import { createCanvas, type SKRSContext2D } from "@napi-rs/canvas";
import { FONT_NAME, registerFonts } from "./fonts";

/** A rectangle in CSS pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The font of a piece of text. */
export interface FontStyle {
  readonly sizePixels: number;
  readonly bold: boolean;
  readonly italic: boolean;
}

/** Width of a text and reach of its font above and below the baseline, in CSS pixels. */
export interface TextExtent {
  readonly width: number;
  readonly ascent: number;
  readonly descent: number;
}

let context: SKRSContext2D | undefined;

/** Measures a text as the figures' typeface sets it. */
export function measureText(text: string, font: FontStyle): TextExtent {
  registerFonts();
  context ??= createCanvas(1, 1).getContext("2d");
  // Measured large and scaled down, so that hinting at small sizes does not round the widths.
  const scale = font.sizePixels / 100;
  context.font = `${font.italic ? "italic " : ""}${font.bold ? "bold " : ""}100px ${FONT_NAME}`;
  const { width, fontBoundingBoxAscent, fontBoundingBoxDescent } = context.measureText(text);
  return {
    width: width * scale,
    ascent: fontBoundingBoxAscent * scale,
    descent: fontBoundingBoxDescent * scale,
  };
}

/** The smallest rectangle around all given ones; undefined around none. */
export function unionBox(boxes: readonly Box[]): Box | undefined {
  const [first, ...rest] = boxes;
  return rest.reduce<Box | undefined>(
    (all, box) =>
      all && {
        left: Math.min(all.left, box.left),
        top: Math.min(all.top, box.top),
        right: Math.max(all.right, box.right),
        bottom: Math.max(all.bottom, box.bottom),
      },
    first,
  );
}
