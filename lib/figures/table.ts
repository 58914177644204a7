import { stringify } from "csv-stringify/sync";
import type { Interval } from "../metrics/bootstrap";
import type { SeedSummary } from "../metrics/seed-summary";
import type { MimeBundle } from "./figure";
import { h, type Attributes, type Markup } from "./markup";

/** A value of a table: text, a number, an estimate with its interval, a mean with its spread, or nothing. */
export type Cell = string | number | Interval | SeedSummary | null;

/** A column: its heading, and how its numbers are written. */
export interface Column {
  readonly label: string;
  /** Digits after the point; 2 where left out. */
  readonly digits?: number;
  /** Numbers stand to the right, text to the left. */
  readonly align?: "left" | "right";
}

export interface TableContent {
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly Column[];
  /** Each row has one cell a column; the first is the row's heading. */
  readonly rows: readonly (readonly Cell[])[];
  /** Rows over which a line stands, to set blocks apart. */
  readonly ruled?: readonly number[];
  /** Records that each row was made of, by their paths; a report links them. */
  readonly sources?: readonly (readonly string[])[];
}

/** How a table becomes markup. */
export interface TableMarkupOptions {
  /** The address of a record in the page; rows then carry links to what they were made of. */
  readonly linkOf?: ((source: string) => string) | undefined;
  /** Whether the page has styles for our classes, or each cell says itself how it looks. */
  readonly styles?: "page" | "own";
}

/** How an interval beside its estimate looks: in one line, so that a narrow column does not tear it apart. */
const INTERVAL_LOOK: Readonly<Record<"page" | "own", Attributes>> = {
  page: { class: "interval" },
  own: { style: "white-space: nowrap; font-size: 85%" },
};

/** Notebooks centre captions unless told not to. */
const CAPTION_LOOK: Readonly<Record<"page" | "own", Attributes>> = {
  page: {},
  own: { style: "text-align: left" },
};

/** What stands for a value that is not there. */
export const MISSING = "–";

/** A table that can be shown in a notebook and a report, and set in a paper. */
export class Table implements TableContent {
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  readonly ruled: readonly number[];
  readonly sources: readonly (readonly string[])[];

  /** @throws RangeError if a row has not one cell a column. */
  constructor({ id, caption, columns, rows, ruled = [], sources = [] }: TableContent) {
    for (const row of rows)
      if (row.length !== columns.length)
        throw new RangeError(`table ${id}: a row of ${row.length} cells under ${columns.length} columns`);
    this.id = id;
    this.caption = caption;
    this.columns = columns;
    this.rows = rows;
    this.ruled = ruled;
    this.sources = sources;
  }

  /** HTML with caption and scopes, every text escaped. */
  toHtml(): string {
    return this.markup().source;
  }

  /** The same as markup, to stand in a page. */
  markup({ linkOf, styles = "page" }: TableMarkupOptions = {}): Markup {
    const aligned = (column: number): Attributes => {
      const align = this.alignOf(column);
      return styles === "page" ? { class: align } : { style: `text-align: ${align}` };
    };
    const heads = this.columns.map((column, i) => h("th", { scope: "col", ...aligned(i) }, column.label));
    const body = this.rows.map((row, place) =>
      h(
        "tr",
        { class: this.ruled.includes(place) ? "ruled" : undefined },
        ...row.map((cell, i) =>
          i === 0
            ? h(
                "th",
                { scope: "row", ...aligned(i) },
                this.text(cell, i),
                ...(linkOf === undefined ? [] : sourceLinks(this.sources[place] ?? [], linkOf)),
              )
            : h("td", aligned(i), ...this.cellMarkup(cell, i, INTERVAL_LOOK[styles])),
        ),
      ),
    );
    return h(
      "table",
      { id: `table-${this.id}` },
      h("caption", CAPTION_LOOK[styles], this.caption),
      h("thead", {}, h("tr", {}, ...heads)),
      h("tbody", {}, ...body),
    );
  }

  /**
   * CSV after RFC 4180, for programs: numbers unrounded, missing values empty, an estimate with its interval
   * as three columns and a mean with its spread as two.
   */
  toCsv(): string {
    const parts = this.columns.map((_, i) => {
      const cells = this.rows.map((row) => row[i] ?? null);
      return cells.some(isInterval) ? [" low", " high"] : cells.some(isSpread) ? [" sd"] : [];
    });
    const header = this.columns.flatMap(({ label }, i) => [
      label,
      ...(parts[i] ?? []).map((part) => label + part),
    ]);
    const records = this.rows.map((row) =>
      row.flatMap((cell, i) => {
        const values = csvValues(cell);
        return Array.from({ length: 1 + (parts[i] ?? []).length }, (_, k) => values[k] ?? "");
      }),
    );
    return stringify([header, ...records], { record_delimiter: "windows" });
  }

  /** LaTeX for the booktabs package, every text escaped. */
  toLatex(): string {
    const line = (cells: readonly string[]): string => `  ${cells.map(latexText).join(" & ")} \\\\`;
    return [
      "\\begin{table}",
      "\\centering",
      `\\caption{${latexText(this.caption)}}`,
      `\\label{tab:${this.id}}`,
      `\\begin{tabular}{${this.columns.map((_, i) => (this.alignOf(i) === "right" ? "r" : "l")).join("")}}`,
      "  \\toprule",
      line(this.columns.map(({ label }) => label)),
      "  \\midrule",
      ...this.rows.flatMap((row, place) => [
        ...(this.ruled.includes(place) ? ["  \\midrule"] : []),
        line(row.map((cell, i) => this.text(cell, i))),
      ]),
      "  \\bottomrule",
      "\\end{tabular}",
      "\\end{table}",
      "",
    ].join("\n");
  }

  /** Plain text in columns, for terminals. */
  toText(): string {
    const lines = [
      this.columns.map(({ label }) => label),
      ...this.rows.map((row) => row.map((cell, i) => this.text(cell, i))),
    ];
    const widths = this.columns.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? "").length)));
    const pad = (text: string, i: number): string =>
      this.alignOf(i) === "right" ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0);
    const [head = "", ...body] = lines.map((line) => line.map(pad).join("  ").trimEnd());
    return [this.caption, "", head, "-".repeat(head.length), ...body].join("\n");
  }

  /** The table for a notebook, whose pages know nothing of our classes: each cell says how it is aligned. */
  mimeBundle(): MimeBundle {
    return { "text/html": this.markup({ styles: "own" }).source, "text/plain": this.toText() };
  }

  private alignOf(column: number): "left" | "right" {
    return this.columns[column]?.align ?? (column === 0 ? "left" : "right");
  }

  private text(cell: Cell, column: number): string {
    if (isSpread(cell)) {
      const mean = this.number(cell.mean, column);
      // One training has no spread.
      return cell.count < 2 ? mean : `${mean} ± ${this.number(cell.standardDeviation, column)}`;
    }
    if (!isInterval(cell)) return this.number(cell, column);
    if (isBare(cell)) return this.number(cell.estimate, column);
    return `${this.number(cell.estimate, column)} ${this.interval(cell, column)}`;
  }

  private cellMarkup(cell: Cell, column: number, look: Attributes): readonly (Markup | string)[] {
    if (isSpread(cell) && cell.count > 1) {
      const spread = `± ${this.number(cell.standardDeviation, column)}`;
      return [this.number(cell.mean, column), " ", h("span", look, spread)];
    }
    if (!isInterval(cell) || isBare(cell)) return [this.text(cell, column)];
    const range = h("span", look, this.interval(cell, column));
    return [this.number(cell.estimate, column), " ", range];
  }

  private interval({ low, high }: Interval, column: number): string {
    return `(${this.number(low, column)} to ${this.number(high, column)})`;
  }

  private number(cell: string | number | null, column: number): string {
    if (typeof cell === "string") return cell;
    return cell === null ? MISSING : written(cell, this.columns[column]?.digits ?? 2);
  }
}

/** Numbered links to records, small, after a row's heading. */
function sourceLinks(sources: readonly string[], linkOf: (source: string) => string): readonly Markup[] {
  if (sources.length === 0) return [];
  const links = sources.map((source, i) =>
    h("a", { href: linkOf(source), title: source, "aria-label": `record ${source}` }, i + 1),
  );
  return [h("span", { class: "sources" }, ...links)];
}

/** A number with so many digits after the point; a dash where it is NaN. */
export function written(value: number, digits: number): string {
  return Number.isNaN(value) ? MISSING : value.toFixed(digits).replace(/^-/, "−");
}

/**
 * Digits after the point with which the smallest of some values still shows two significant ones.
 *
 * @returns 2 to 6; 2 where no value is above or below 0.
 */
export function digitsFor(values: readonly number[]): number {
  const sizes = values.map(Math.abs).filter((size) => size > 0);
  if (sizes.length === 0) return 2;
  return Math.min(6, Math.max(2, 1 - Math.floor(Math.log10(Math.min(...sizes)))));
}

/** Whether a cell is an estimate with its interval. */
export function isInterval(cell: Cell): cell is Interval {
  return typeof cell === "object" && cell !== null && "estimate" in cell;
}

/** Whether a cell is a mean with its spread. */
export function isSpread(cell: Cell): cell is SeedSummary {
  return typeof cell === "object" && cell !== null && "mean" in cell;
}

/** An estimate whose interval says nothing: missing, or without width. */
function isBare({ estimate, low, high }: Interval): boolean {
  return Number.isNaN(estimate) || low === high;
}

function csvValues(cell: Cell): readonly string[] {
  const values = isInterval(cell)
    ? [cell.estimate, cell.low, cell.high]
    : isSpread(cell)
      ? [cell.mean, ...(cell.count < 2 ? [] : [cell.standardDeviation])]
      : [cell];
  return values.map((value) => (value === null || Number.isNaN(value) ? "" : String(value)));
}

const LATEX_SIGNS: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  "&": "\\&",
  "%": "\\%",
  $: "\\$",
  "#": "\\#",
  _: "\\_",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "–": "--",
  "−": "$-$",
  "×": "$\\times$",
  "≥": "$\\geq$",
  "±": "$\\pm$",
};

function latexText(text: string): string {
  return text.replace(/[\\{}&%$#_~^–−×≥±]/g, (sign) => LATEX_SIGNS[sign] ?? sign);
}
