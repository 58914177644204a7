import { writeFileAtomic } from "../storage/atomic-write";
import type { Figure } from "./figure";
import { h, join, Markup, type Child } from "./markup";
import type { DataHash, Fact, ReportContent, StageCost } from "./report-content";
import { COLUMN_MM } from "./page";
import { REPORT_STYLE } from "./report-style";
import { Table } from "./table";

/** The sections of a report: their anchors and headings, in order. */
const SECTIONS = [
  ["figures", "Figures"],
  ["tables", "Tables"],
  ["run", "What was run"],
  ["provenance", "Provenance"],
  ["cost", "Cost"],
  ["limitations", "Limitations"],
  ["licences", "Licences and attribution"],
  ["citation", "Citation"],
] as const;
type Section = (typeof SECTIONS)[number][0];

/**
 * Writes a report as one HTML file that needs no other file and no network.
 *
 * @throws InputError if the folder cannot be written.
 */
export async function writeReport(path: string, content: ReportContent): Promise<void> {
  writeFileAtomic(path, await reportHtml(content));
}

/** A report as one HTML document. */
export async function reportHtml(content: ReportContent): Promise<string> {
  const figures = await Promise.all(content.figures.map(figureMarkup));
  const body: Readonly<Record<Section, readonly Child[]>> = {
    figures,
    tables: content.tables.map(tableMarkup),
    run: [...paragraphs(content.whatWasRun), differences(content)],
    provenance: [facts(content.provenance), hashes(content.dataHashes)],
    cost: [tableMarkup(costTable(content.costs))],
    limitations: [list(content.limitations)],
    licences: paragraphs(content.licences),
    citation: paragraphs(content.citation),
  };
  const sections = SECTIONS.map(([id, heading]) =>
    h(
      "section",
      { id, "aria-labelledby": `${id}-heading` },
      h("h2", { id: `${id}-heading` }, heading),
      ...body[id],
    ),
  );
  const page = h(
    "html",
    { lang: content.language ?? "en" },
    head(content),
    h(
      "body",
      {},
      h("a", { class: "skip", href: "#result" }, "Skip to the result"),
      top(content),
      h("main", {}, result(content), ...sections),
      foot(content),
    ),
  );
  return `<!doctype html>\n${page.source}\n`;
}

function head({ title, result: description }: ReportContent): Markup {
  return h(
    "head",
    {},
    h("meta", { charset: "utf-8" }),
    h("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    h("meta", { name: "color-scheme", content: "light dark" }),
    h("meta", { name: "description", content: description }),
    // Nothing may be fetched, whatever a text of a run should hold.
    h("meta", {
      "http-equiv": "Content-Security-Policy",
      content: "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
    }),
    h("link", { rel: "icon", href: "data:," }),
    h("title", {}, title),
    h("style", {}, new Markup(REPORT_STYLE)),
  );
}

function top({ title, subtitle }: ReportContent): Markup {
  const links = SECTIONS.map(([id, heading]) => h("li", {}, h("a", { href: `#${id}` }, heading)));
  return h(
    "header",
    {},
    h("h1", {}, title),
    h("p", { class: "subtitle" }, subtitle),
    h("nav", { "aria-label": "Sections" }, h("ul", {}, ...links)),
  );
}

/** The result before everything else, and whether it is of patients. */
function result({ result: sentence, keyNumbers, simulated }: ReportContent): Markup {
  const numbers = keyNumbers.map(({ name, value, note }) =>
    h("div", {}, h("dt", {}, name), h("dd", {}, h("strong", {}, value), h("span", {}, note))),
  );
  const notice = simulated
    ? h(
        "p",
        { class: "notice", role: "note" },
        h("strong", {}, "Simulated cohort. "),
        "“Real” slices in this report come from simulated patients. No number here is of patients.",
      )
    : undefined;
  return h(
    "section",
    { id: "result", "aria-labelledby": "result-heading" },
    h("h2", { id: "result-heading" }, "Result"),
    h("p", { class: "lead" }, sentence),
    numbers.length === 0 ? undefined : h("dl", { class: "numbers" }, ...numbers),
    notice,
  );
}

async function figureMarkup(figure: Figure, index: number): Promise<Markup> {
  const svg = await figure.svg();
  const number = `Figure ${index + 1}`;
  return h(
    "figure",
    { id: `figure-${figure.id}` },
    h("h3", {}, `${number}. ${figure.title}`),
    h("div", { class: "paper", tabindex: 0, role: "region", "aria-label": number }, named(svg, figure)),
    h("figcaption", {}, figure.caption),
    h(
      "p",
      { class: "downloads" },
      "Download: ",
      download(`${figure.id}.svg`, "image/svg+xml", svg, `${number} as SVG`, "SVG"),
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

function tableMarkup(table: Table): Markup {
  return h(
    "div",
    { class: "table" },
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": table.caption }, table.markup()),
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

function differences({ differences: rows }: ReportContent): Child {
  if (rows.length === 0) return undefined;
  return tableMarkup(
    new Table({
      id: "differences",
      caption: "Where this run differs from the study",
      columns: [{ label: "what" }, { label: "study", align: "left" }, { label: "here", align: "left" }],
      rows: rows.map(({ what, study, here }) => [what, study, here]),
    }),
  );
}

function facts(entries: readonly Fact[]): Markup {
  return h(
    "dl",
    { class: "facts" },
    ...entries.map(({ name, value }) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

function hashes(entries: readonly DataHash[]): Child {
  if (entries.length === 0) return undefined;
  const rows = entries.map(({ name, sha256 }) => h("li", {}, `${name}: `, h("code", {}, sha256)));
  return join([h("h3", {}, "Data (SHA-256)"), h("ul", { class: "hashes" }, ...rows)]);
}

/** Time, images and memory of each stage, and the time of all. */
export function costTable(costs: readonly StageCost[]): Table {
  const total = costs.reduce((sum, { durationSec }) => sum + durationSec, 0);
  const gigabytes = (bytes: number | null): number | null => (bytes === null ? null : bytes / 1e9);
  return new Table({
    id: "cost",
    caption: "Cost of each stage",
    columns: [
      { label: "stage" },
      { label: "time (s)", digits: 1 },
      { label: "images", digits: 0 },
      { label: "images/s", digits: 1 },
      { label: "peak memory (GB)", digits: 2 },
    ],
    rows: [
      ...costs.map(({ stage, durationSec, images, peakMemoryBytes }) => [
        stage,
        durationSec,
        images,
        images === null || durationSec === 0 ? null : images / durationSec,
        gigabytes(peakMemoryBytes),
      ]),
      ["all stages", total, null, null, highest(costs)],
    ],
  });
}

function highest(costs: readonly StageCost[]): number | null {
  const measured = costs.flatMap(({ peakMemoryBytes }) =>
    peakMemoryBytes === null ? [] : [peakMemoryBytes],
  );
  return measured.length === 0 ? null : Math.max(...measured) / 1e9;
}

function paragraphs(texts: readonly string[]): readonly Markup[] {
  return texts.map((text) => h("p", {}, text));
}

function list(texts: readonly string[]): Markup {
  return h("ul", {}, ...texts.map((text) => h("li", {}, text)));
}

function foot({ command }: ReportContent): Markup {
  return h("footer", {}, h("p", {}, "Made by ", h("code", {}, command), "."));
}
