import { Resvg } from "@resvg/resvg-js";
import { encodePng } from "../storage/encode-png";
import { FONT_NAME, fontFiles } from "./fonts";
import { mm } from "./page";
import { plotlyPage } from "./plotly-dom";
import { withResolution } from "./png-resolution";
import { placedTexts, type PlacedText } from "./svg-layout";

/** What a renderer needs of a figure. */
export interface Drawing {
  readonly id: string;
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly layout: Readonly<Record<string, unknown>>;
  readonly widthMm: number;
  readonly heightMm: number;
}

/**
 * Resolution of PNG files, and of those in notebooks: CSS pixels, since JupyterLab shows the picture at its own size
 * until the pointer is on it, then the interactive figure in its place.
 */
export const PRINT_DPI = 300;
export const SCREEN_DPI = 96;

/**
 * Draws a figure as SVG, without a browser. The same figure gives the same bytes. All ids begin with the
 * figure's own, so that several figures can stand in one page.
 */
export async function renderSvg(drawing: Drawing): Promise<string> {
  const { plotly, resetRandom } = plotlyPage();
  resetRandom();
  // Plotly writes its defaults into what it is given.
  const { data, layout } = structuredClone({ data: drawing.data, layout: drawing.layout });
  const [width, height] = [mm(drawing.widthMm), mm(drawing.heightMm)];
  const svg = await plotly.toImage(
    { data, layout: { ...layout, width, height, autosize: false }, config: { staticPlot: true } },
    { format: "svg", width, height, imageDataOnly: true },
  );
  return sizedInMm(uniqueIds(svg, drawing.id), drawing);
}

/**
 * Turns an SVG drawing into a PNG on white paper, with the figures' own typeface only.
 *
 * @param widthMm Width on paper; the height follows from the drawing.
 */
export function renderPng(svg: string, widthMm: number, dotsPerInch: number): Buffer {
  const image = new Resvg(svg, {
    fitTo: { mode: "width", value: Math.round((widthMm / 25.4) * dotsPerInch) },
    font: { loadSystemFonts: false, fontFiles: [...fontFiles()], defaultFontFamily: FONT_NAME },
    background: "white",
  });
  const { width, height, pixels } = image.render();
  // On white paper nothing is left to see through: without the fourth channel files are half as large as resvg's own.
  const packed = encodePng({ width, height, channels: 3, bytes: withoutAlpha(pixels) });
  return withResolution(packed, dotsPerInch);
}

function withoutAlpha(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((3 * rgba.length) / 4);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = rgba[from] as number;
    rgb[to + 1] = rgba[from + 1] as number;
    rgb[to + 2] = rgba[from + 2] as number;
  }
  return rgb;
}

/**
 * Texts of a drawing that leave the page, in CSS pixels of the drawing; empty where nothing is cut.
 *
 * @param slackPixels How far a box may reach over the edge: boxes are taller than letters.
 */
export function clippedTexts(svg: string, slackPixels = 0.5): readonly PlacedText[] {
  const root = plotlyPage().parseSvg(svg);
  const [, , width = 0, height = 0] = (root.getAttribute("viewBox") ?? "").split(" ").map(Number);
  return placedTexts(root).filter(
    ({ box }) =>
      box.left < -slackPixels ||
      box.top < -slackPixels ||
      box.right > width + slackPixels ||
      box.bottom > height + slackPixels,
  );
}

/** Pairs of texts whose boxes lie over each other by more than a fifth of the smaller one. */
export function overlappingTexts(svg: string): readonly (readonly [string, string])[] {
  const texts = placedTexts(plotlyPage().parseSvg(svg));
  return texts.flatMap((one, i) =>
    texts
      .slice(i + 1)
      .flatMap((other) => (overlap(one, other) > 0.2 ? [[one.text, other.text] as const] : [])),
  );
}

function overlap({ box: a }: PlacedText, { box: b }: PlacedText): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  const area = (box: PlacedText["box"]): number => (box.right - box.left) * (box.bottom - box.top);
  return width <= 0 || height <= 0 ? 0 : (width * height) / Math.min(area(a), area(b));
}

function uniqueIds(svg: string, prefix: string): string {
  const ids = new Set([...svg.matchAll(/\bid="([^"]+)"/g)].map((match) => match[1] ?? ""));
  return svg
    .replace(/\bid="([^"]+)"/g, (_, id: string) => `id="${prefix}-${id}"`)
    .replace(/url\((&quot;|'|)#([^)'&]+)\1\)/g, (whole, _quote, id: string) =>
      ids.has(id) ? `url(#${prefix}-${id})` : whole,
    )
    .replace(/href="#([^"]+)"/g, (whole, id: string) => (ids.has(id) ? `href="#${prefix}-${id}"` : whole));
}

/** Gives the root its size on paper; plotly writes pixels only. */
function sizedInMm(svg: string, { widthMm, heightMm }: Drawing): string {
  return svg.replace(/<svg([^>]*)>/, (_, attributes: string) => {
    const kept = attributes.replace(/\s(?:width|height|viewBox)="[^"]*"/g, "");
    return `<svg${kept} width="${widthMm}mm" height="${heightMm}mm" viewBox="0 0 ${mm(widthMm)} ${mm(heightMm)}">`;
  });
}
