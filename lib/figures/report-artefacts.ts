import type { Figure } from "./figure";
import { scriptSafe } from "./figure-page";
import { h, join, Markup, type Child } from "./markup";
import { COLUMN_MM, mm } from "./page";
import type { ArtefactOrigin, ReportContent } from "./report-content";
import { recordLink } from "./report-records";
import type { Table } from "./table";

const BUTTONS_PIXELS = 34;

/** A figure with its number, caption, downloads and how it is made again. */
export async function figureMarkup(
  figure: Figure,
  index: number,
  { artefacts, interactive = false }: ReportContent,
): Promise<Markup> {
  const svg = await figure.svg();
  const number = `Figure ${index + 1}`;
  return h(
    "figure",
    { id: `figure-${figure.id}` },
    h("h3", {}, `${number}. ${figure.title}`),
    h("div", { class: "paper", tabindex: 0, role: "region", "aria-label": number }, named(svg, figure)),
    h("figcaption", {}, figure.caption),
    again(artefacts?.get(figure.id)),
    h(
      "p",
      { class: "downloads" },
      "Download: ",
      download(`${figure.id}.svg`, "image/svg+xml", svg, `${number} as SVG`, "SVG"),
      ...(interactive && isChart(figure) ? [" · ", interactiveButton(figure, number)] : []),
    ),
  );
}

/** The drawing with a name for screen readers and a width that follows the screen. */
function named(svg: string, { alternative, widthMm, data }: Figure): Markup {
  const label = h("title", {}, alternative).source;
  return new Markup(
    svg.replace(/<svg([^>]*)>/, (_, attributes: string) => {
      const sizeless = attributes.replace(/\s(?:width|height|style|class)="[^"]*"/g, "");
      // Axes have small labels; slices can be read at any width.
      const wide = widthMm > COLUMN_MM && data.length > 0 ? ' class="wide"' : "";
      return `<svg${sizeless}${wide} role="img" style="width:${widthMm}mm">${label}`;
    }),
  );
}

/** A table with its downloads, links to its records where the report has them, and how it is made again. */
export function tableMarkup(table: Table, { artefacts, records }: Partial<ReportContent> = {}): Markup {
  const linkOf = records === undefined ? undefined : recordLink;
  return h(
    "div",
    { class: "table" },
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": table.caption },
      table.markup({ linkOf }),
    ),
    again(artefacts?.get(table.id)),
    h(
      "p",
      { class: "downloads" },
      "Download: ",
      download(`${table.id}.csv`, "text/csv", table.toCsv(), `${table.caption} as CSV`, "CSV"),
      " · ",
      download(`${table.id}.tex`, "application/x-tex", table.toLatex(), `${table.caption} as LaTeX`, "LaTeX"),
    ),
  );
}

function download(name: string, type: string, bytes: string | Buffer, label: string, text: string): Markup {
  const href = `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;
  return h("a", { href, download: name, "aria-label": label }, text);
}

/** The notebook that shows a figure or a table, and the command that makes it again. */
function again(origin: ArtefactOrigin | undefined): Child {
  if (origin === undefined) return undefined;
  const { notebook, command } = origin;
  return h(
    "p",
    { class: "downloads" },
    ...(notebook === undefined ? [] : ["Notebook ", h("code", {}, notebook), ". "]),
    "Again: ",
    h("code", {}, command),
  );
}

/** Whether there is something to look at closely: montages are pictures. */
function isChart({ data, layout }: Figure): boolean {
  return data.length > 0 && layout["images"] === undefined;
}

/** The button that puts the interactive figure in the drawing's place, and the figure's data. */
function interactiveButton(figure: Figure, number: string): Markup {
  const { data, layout, widthMm, heightMm, id } = figure;
  const sized = {
    ...layout,
    // Room for plotly's own buttons over the figure.
    margin: { l: 0, r: 0, t: BUTTONS_PIXELS, b: 0, pad: 0 },
    width: mm(widthMm),
    height: mm(heightMm) + BUTTONS_PIXELS,
    autosize: false,
  };
  const json = scriptSafe(JSON.stringify({ data, layout: sized }));
  return join([
    h(
      "button",
      { type: "button", "data-figure": id, "aria-label": `${number} interactively` },
      "interactive",
    ),
    new Markup(`<script type="application/json" id="data-${id}">${json}</script>`),
  ]);
}
