import { readFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../errors";
import { writeFileAtomic } from "../storage/atomic-write";
import { BrowserRenderer, findChromium } from "./browser-render";
import type { Figure } from "./figure";
import { interactivePage } from "./figure-page";
import { subsetFont } from "./font-subset";
import { fontFiles, FONT_NAME } from "./fonts";
import { PRINT_DPI } from "./render";

/** Formats that a figure can be written in. */
export const FIGURE_FORMATS = ["svg", "pdf", "png", "html"] as const;
export type FigureFormat = (typeof FIGURE_FORMATS)[number];

/**
 * Writes a figure for print (`svg` with its fonts inside, `pdf`, `png` at 300 dots an inch) or for a screen
 * (`html`, interactive), named after it.
 *
 * @param widthMm Width on paper; the drawing is scaled where it has another.
 * @returns The paths of the files.
 * @throws InputError if a PDF is asked for and there is no Chromium, or the folder cannot be written.
 */
export async function exportFigure(
  figure: Figure,
  folder: string,
  formats: readonly FigureFormat[],
  widthMm = figure.widthMm,
): Promise<readonly string[]> {
  const svg = resized(await figure.svg(), figure, widthMm);
  const heightMm = (figure.heightMm * widthMm) / figure.widthMm;
  const written: string[] = [];
  for (const format of formats) {
    const path = join(folder, `${figure.id}.${format}`);
    writeFileAtomic(path, await inFormat(format, figure, { svg, widthMm, heightMm }));
    written.push(path);
  }
  return written;
}

interface SizedSvg {
  readonly svg: string;
  readonly widthMm: number;
  readonly heightMm: number;
}

async function inFormat(format: FigureFormat, figure: Figure, drawn: SizedSvg): Promise<string | Buffer> {
  switch (format) {
    case "svg":
      return withFonts(drawn.svg);
    case "pdf":
      return printed(drawn);
    case "png":
      return figure.png((PRINT_DPI * drawn.widthMm) / figure.widthMm);
    case "html":
      return interactivePage(figure);
  }
}

async function printed({ svg, ...size }: SizedSvg): Promise<Buffer> {
  const chromium = findChromium();
  if (chromium === undefined)
    throw new InputError("pdf", "needs Chromium, which is not here", "Install it, or set SYNTHMR_CHROMIUM");
  const browser = await BrowserRenderer.open(chromium);
  try {
    return await browser.pdf(svg, size);
  } finally {
    await browser.close();
  }
}

/** The drawing at another width on paper. */
function resized(svg: string, figure: Figure, widthMm: number): string {
  const heightMm = (figure.heightMm * widthMm) / figure.widthMm;
  return svg.replace(/<svg([^>]*?) width="[^"]*mm" height="[^"]*mm"/, (_, before: string) => {
    return `<svg${before} width="${widthMm}mm" height="${heightMm}mm"`;
  });
}

/** The drawing with the outlines of its characters inside, so that it looks the same everywhere. */
function withFonts(svg: string): string {
  const text = svg.replace(/<image[^>]*>/g, "").replace(/<[^>]*>/g, "") + "&<>\"'";
  const [regular, bold] = fontFiles();
  const faces = [
    [regular, 400],
    [bold, 700],
  ] as const;
  const rules = faces.flatMap(([file, weight]) => {
    if (file === undefined) return [];
    const font = subsetFont(readFileSync(file), text).toString("base64");
    return [
      `@font-face { font-family: ${FONT_NAME}; font-weight: ${weight}; src: url(data:font/ttf;base64,${font}) }`,
    ];
  });
  return svg.replace(/<svg[^>]*>/, (root) => `${root}<style>${rules.join(" ")}</style>`);
}
