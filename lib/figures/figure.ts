import { join } from "node:path";
import { writeFileAtomic } from "../storage/atomic-write";
import { FONT_FAMILY } from "./fonts";
import { INK, PAPER } from "./palette";
import { LINE, mm, TEXT } from "./page";
import { PRINT_DPI, renderPng, renderSvg, SCREEN_DPI, type Drawing } from "./render";

/** A trace of plotly.js, as its reference describes it. */
export type Trace = Readonly<Record<string, unknown>>;
/** A part of a plotly.js layout. */
export type Layout = Readonly<Record<string, unknown>>;

/** What a figure is made of. */
export interface FigureContent extends Drawing {
  /** The name of its files and the beginning of all ids in it: lower case, digits, hyphens. */
  readonly id: string;
  /** One short line, for headings and lists. */
  readonly title: string;
  /** The caption: what is shown, n, and how intervals were made. Plain text. */
  readonly caption: string;
  /** What a reader who cannot see the figure should know of it. */
  readonly alternative: string;
}

/** The representations of an output in a notebook, by media type. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** A figure: plotly data with a size on paper. Drawn once, when it is first asked for. */
export class Figure implements FigureContent {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly alternative: string;
  readonly data: readonly Trace[];
  readonly layout: Layout;
  readonly widthMm: number;
  readonly heightMm: number;
  private drawnSvg: Promise<string> | undefined;

  constructor(content: FigureContent) {
    if (!/^[a-z][a-z0-9-]*$/.test(content.id))
      throw new RangeError(`figure id "${content.id}" is not a plain name`);
    this.id = content.id;
    this.title = content.title;
    this.caption = content.caption;
    this.alternative = content.alternative;
    this.data = content.data;
    this.layout = { ...paperLayout(), ...content.layout };
    this.widthMm = content.widthMm;
    this.heightMm = content.heightMm;
  }

  /** The drawing as SVG, sized in mm. */
  svg(): Promise<string> {
    return (this.drawnSvg ??= renderSvg(this));
  }

  /** The drawing as PNG. */
  async png(dotsPerInch = PRINT_DPI): Promise<Buffer> {
    return renderPng(await this.svg(), this.widthMm, dotsPerInch);
  }

  /**
   * The figure for a notebook: interactive where plotly is known, else the picture, else its caption. Both are of one
   * size; without it, plotly would stretch the figure to the width of the page and 360 pixels of height.
   */
  async mimeBundle(): Promise<MimeBundle> {
    const [width, height] = [this.widthMm, this.heightMm].map((length) => Math.round(mm(length)));
    return {
      "application/vnd.plotly.v1+json": { data: this.data, layout: { ...this.layout, width, height } },
      "image/png": (await this.png(SCREEN_DPI)).toString("base64"),
      "text/plain": `${this.title}. ${this.caption}`,
    };
  }
}

/**
 * Writes a figure as `<id>.svg`, `<id>.png` and `<id>.plotly.json`.
 *
 * @returns The paths of the files.
 * @throws InputError if the folder cannot be written.
 */
export async function writeFigure(figure: Figure, folder: string): Promise<readonly string[]> {
  const path = (ending: string): string => join(folder, `${figure.id}.${ending}`);
  const { title, caption, alternative, data, layout } = figure;
  const plotly = JSON.stringify({ title, caption, alternative, data, layout });
  writeFileAtomic(path("svg"), await figure.svg());
  writeFileAtomic(path("png"), await figure.png());
  writeFileAtomic(path("plotly.json"), `${plotly}\n`);
  return [path("svg"), path("png"), path("plotly.json")];
}

/** What every figure has in common: typeface, ink on white paper, no margins of plotly's own. */
function paperLayout(): Layout {
  return {
    font: { family: FONT_FAMILY, size: TEXT.body, color: INK },
    paper_bgcolor: PAPER,
    plot_bgcolor: PAPER,
    margin: { l: 0, r: 0, t: 0, b: 0, pad: 0 },
    showlegend: false,
    hovermode: "closest",
  };
}

/** An axis with ticks outside, no grid and no zero line; `more` adds or replaces. */
export function axis(title: string | undefined, more: Layout = {}): Layout {
  return {
    ...(title === undefined ? {} : { title: { text: title, font: { size: TEXT.body }, standoff: 6 } }),
    showgrid: false,
    zeroline: false,
    showline: true,
    linecolor: INK,
    linewidth: LINE.axis,
    ticks: "outside",
    ticklen: 3,
    tickwidth: LINE.axis,
    tickcolor: INK,
    tickfont: { size: TEXT.small },
    fixedrange: false,
    ...more,
  };
}

/** An axis that only places things: nothing of it is drawn. */
export function hiddenAxis(low: number, high: number, more: Layout = {}): Layout {
  return { visible: false, range: [low, high], fixedrange: true, ...more };
}
