import { encodePng, type PngImage } from "../storage/encode-png";
import { CLASS_RGB } from "./palette";

/** A grey image, values 0 to 255, [H, W] row by row. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** A map of class indices 0 to 3, [H, W] row by row. */
export interface ClassImage {
  readonly width: number;
  readonly height: number;
  readonly classes: Uint8Array;
}

/** The grey values shown as black and as white. */
export interface GreyWindow {
  readonly low: number;
  readonly high: number;
}

/** Tiles are enlarged to at least this many pixels a side, so that no viewer has to interpolate much. */
const TILE_PIXELS = 192;

/** A grey slice as a PNG data URI, bicubically enlarged. */
export function greyTile(image: GreyImage, window: GreyWindow): string {
  const large = shown(image, window);
  return pngUri({ ...sizeOf(large), channels: 1, bytes: Uint8Array.from(large.values, clampByte) });
}

/** A map of class indices as a PNG data URI, classes in their colours on black. */
export function classTile(map: ClassImage): string {
  const large = enlargeClasses(map);
  const rgb = new Uint8Array(3 * large.classes.length);
  large.classes.forEach((index, i) => rgb.set(colourOf(index), 3 * i));
  return pngUri({ ...sizeOf(large), channels: 3, bytes: rgb });
}

/** A grey slice with classes laid over it: a tint of the given opacity inside a line of full colour. */
export function overlayTile(image: GreyImage, window: GreyWindow, map: ClassImage, opacity = 0.3): string {
  const grey = shown(image, window);
  const { classes, width, height } = enlargeClasses(map);
  const rgb = new Uint8Array(3 * grey.values.length);
  for (let i = 0; i < grey.values.length; i++) {
    const index = classes[i] ?? 0;
    const share = index === 0 ? 0 : isEdge(classes, width, i) ? 1 : opacity;
    const colour = colourOf(index);
    for (let c = 0; c < 3; c++)
      rgb[3 * i + c] = clampByte((1 - share) * (grey.values[i] ?? 0) + share * (colour[c] ?? 0));
  }
  return pngUri({ width, height, channels: 3, bytes: rgb });
}

/** Catmull-Rom enlargement by a whole factor; edge pixels are repeated outside the image. */
export function enlarge({ width, height, values }: GreyImage, factor: number): GreyImage {
  if (factor === 1) return { width, height, values };
  const wide = enlargeRows(values, height, width, factor);
  const turned = transpose(wide, height, width * factor);
  const both = enlargeRows(turned, width * factor, height, factor);
  return {
    width: width * factor,
    height: height * factor,
    values: transpose(both, width * factor, height * factor),
  };
}

/** An image as a PNG data URI. */
export function pngUri(image: PngImage): string {
  return `data:image/png;base64,${encodePng(image).toString("base64")}`;
}

function sizeOf({ width, height }: PngImage | GreyImage | ClassImage): { width: number; height: number } {
  return { width, height };
}

function enlargement({ width, height }: { width: number; height: number }): number {
  return Math.max(1, Math.ceil(TILE_PIXELS / Math.max(width, height)));
}

/** Classes of an enlarged map: at each point the class with the largest interpolated share. */
function enlargeClasses({ width, height, classes }: ClassImage): ClassImage {
  const factor = enlargement({ width, height });
  const large = new Uint8Array(width * height * factor * factor);
  const best = new Float32Array(large.length).fill(-1);
  for (let index = 0; index < CLASS_RGB.length; index++) {
    const member = Float32Array.from(classes, (value) => Number(value === index));
    const { values } = enlarge({ width, height, values: member }, factor);
    for (let i = 0; i < large.length; i++)
      if ((values[i] ?? 0) > (best[i] ?? 0)) [best[i], large[i]] = [values[i] ?? 0, index];
  }
  return { width: width * factor, height: height * factor, classes: large };
}

function shown(image: GreyImage, { low, high }: GreyWindow): GreyImage {
  const gain = high > low ? 255 / (high - low) : 0;
  const values = image.values.map((value) => Math.min(255, Math.max(0, (value - low) * gain)));
  return enlarge({ ...image, values }, enlargement(image));
}

/** Enlarges along the rows: [R, W] to [R, W * factor]. */
function enlargeRows(values: Float32Array, rowCount: number, width: number, factor: number): Float32Array {
  const out = new Float32Array(rowCount * width * factor);
  for (let x = 0; x < width * factor; x++) {
    const at = (x + 0.5) / factor - 0.5;
    const left = Math.floor(at);
    const weights = catmullRom(at - left);
    for (let row = 0; row < rowCount; row++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) {
        const column = Math.min(width - 1, Math.max(0, left - 1 + k));
        sum += (weights[k] ?? 0) * (values[row * width + column] ?? 0);
      }
      out[row * width * factor + x] = sum;
    }
  }
  return out;
}

/** Weights of the four neighbours at a place t in [0, 1) between the middle two. */
function catmullRom(t: number): readonly number[] {
  return [
    ((2 - t) * t - 1) * t * 0.5,
    ((3 * t - 5) * t * t + 2) * 0.5,
    ((4 - 3 * t) * t + 1) * t * 0.5,
    (t - 1) * t * t * 0.5,
  ];
}

function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      out[column * rows + row] = values[row * columns + column] as number;
  return out;
}

/** Whether a pixel of a class touches, by a side, a pixel of another. */
function isEdge(classes: Uint8Array, width: number, at: number): boolean {
  const [x, index] = [at % width, classes[at]];
  return (
    (x > 0 && classes[at - 1] !== index) ||
    (x < width - 1 && classes[at + 1] !== index) ||
    (at >= width && classes[at - width] !== index) ||
    (at < classes.length - width && classes[at + width] !== index)
  );
}

function colourOf(index: number): readonly number[] {
  return CLASS_RGB[index] ?? CLASS_RGB[0];
}

function clampByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}
