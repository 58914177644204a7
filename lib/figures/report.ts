import { writeFileAtomic } from "../storage/atomic-write";
import { h, join, Markup, type Child } from "./markup";
import { figureMarkup, tableMarkup } from "./report-artefacts";
import { claimMarkup } from "./report-claims";
import type { DataHash, ReportContent, StageCost } from "./report-content";
import { factList, recordsMarkup } from "./report-records";
import { reportScripts } from "./report-script";
import { REPORT_STYLE } from "./report-style";
import { Table } from "./table";

/** The sections of a report: their anchors and headings, in order. */
const SECTIONS = [
  ["claims", "Claims"],
  ["figures", "Figures"],
  ["tables", "Tables"],
  ["run", "What was run"],
  ["provenance", "Provenance"],
  ["records", "Records"],
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
  const figures = await Promise.all(content.figures.map((figure, i) => figureMarkup(figure, i, content)));
  const scripts = content.interactive === true ? reportScripts() : undefined;
  const body: Readonly<Record<Section, readonly Child[]>> = {
    claims: (content.claims ?? []).map(claimMarkup),
    figures,
    tables: content.tables.map((table) => tableMarkup(table, content)),
    run: [...paragraphs(content.whatWasRun), differences(content)],
    provenance: [factList(content.provenance), hashes(content.dataHashes)],
    records: content.records === undefined ? [] : [recordsMarkup(content.records)],
    cost: content.costs.length === 0 ? [] : [tableMarkup(costTable(content.costs))],
    limitations: [list(content.limitations)],
    licences: paragraphs(content.licences),
    citation: paragraphs(content.citation),
  };
  // A section without content is left out, and so is its link.
  const present = SECTIONS.filter(([id]) => body[id].length > 0);
  const sections = present.map(([id, heading]) =>
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
    head(content, scripts?.policy ?? ""),
    h(
      "body",
      {},
      h("a", { class: "skip", href: "#result" }, "Skip to the result"),
      top(content, present),
      h("main", {}, result(content), ...sections),
      foot(content),
      scripts?.markup,
    ),
  );
  return `<!doctype html>\n${page.source}\n`;
}

function head({ title, result: description }: ReportContent, scriptPolicy: string): Markup {
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
      content: `default-src 'none'; img-src data:; style-src 'unsafe-inline'${scriptPolicy}`,
    }),
    h("link", { rel: "icon", href: "data:," }),
    h("title", {}, title),
    h("style", {}, new Markup(REPORT_STYLE)),
  );
}

function top({ title, subtitle }: ReportContent, present: readonly (typeof SECTIONS)[number][]): Markup {
  const links = present.map(([id, heading]) => h("li", {}, h("a", { href: `#${id}` }, heading)));
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
