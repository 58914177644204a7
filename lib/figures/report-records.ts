import { h, type Markup } from "./markup";
import type { Fact, ReportRecord } from "./report-content";

/** The address of a record in the report. */
export function recordLink(path: string): string {
  return `#${recordId(path)}`;
}

/** Records as a list that opens: where a number comes from. */
export function recordsMarkup(records: readonly ReportRecord[]): Markup {
  return h(
    "div",
    { class: "records" },
    ...records.map(({ path, name, facts, settings }) =>
      h(
        "details",
        {},
        h("summary", {}, name),
        // Inside, so that a browser opens the record when a link points at it.
        h("div", { id: recordId(path), tabindex: -1 }, factList(facts)),
        h("p", { class: "downloads" }, "Settings"),
        h("pre", { tabindex: 0 }, JSON.stringify(settings, null, 1) ?? "none"),
      ),
    ),
  );
}

/** Names and values in columns. */
export function factList(entries: readonly Fact[]): Markup {
  return h(
    "dl",
    { class: "facts" },
    ...entries.map(({ name, value }) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

function recordId(path: string): string {
  return `record-${path.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
}
