import { h, type Markup } from "./markup";
import type { ReportClaim, ReportEffect } from "./report-content";
import { recordLink } from "./report-records";

/** A claim: statement, verdict and why; then what was measured, and by which rule it was judged. */
export function claimMarkup(claim: ReportClaim): Markup {
  const { id, statement, verdict, tone, why, study, rule, needed, caveat, effects } = claim;
  const fact = (name: string, value: string): Markup => h("div", {}, h("dt", {}, name), h("dd", {}, value));
  return h(
    "article",
    { class: "claim", id: `claim-${id}`, "aria-labelledby": `claim-${id}-heading` },
    h("h3", { id: `claim-${id}-heading` }, statement),
    h("p", { class: "why" }, h("strong", { class: `verdict ${tone}` }, verdict), " ", why),
    h(
      "dl",
      { class: "about" },
      fact("The study", study),
      fact("Verdict by", rule),
      ...(caveat === null ? [] : [fact("Caveat", caveat)]),
      ...(needed === null ? [] : [fact("Needed", needed)]),
    ),
    ...(effects.length === 0 ? [] : [effectsTable(id, effects)]),
  );
}

function effectsTable(id: string, effects: readonly ReportEffect[]): Markup {
  const heads = ["measured", "value (95 % interval)", "over", "trainings", "records"];
  const table = h(
    "table",
    { id: `table-claim-${id}` },
    h("caption", {}, "What was measured"),
    h("thead", {}, h("tr", {}, ...heads.map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, ...effects.map(effectRow)),
  );
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `Effects of ${id}` }, table);
}

function effectRow({ what, value, interval, over, trainings, sources }: ReportEffect): Markup {
  const links = sources.map((source, i) =>
    h("a", { href: recordLink(source), title: source, "aria-label": `record ${source}` }, i + 1),
  );
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, what),
    h("td", {}, value, " ", h("span", { class: "interval" }, interval)),
    h("td", {}, over),
    h("td", {}, trainings),
    h("td", {}, h("span", { class: "sources" }, ...links)),
  );
}
