import { suite } from "uvu";
import * as assert from "uvu/assert";
import { reportHtml } from "../../../lib/figures/report";
import { resultFigures } from "../../../lib/study/results/result-figures";
import { recordsOf, resultsReport } from "../../../lib/study/results/results-report";
import { emptyResults } from "./made-up";
import { wholePictures, wholeStudy } from "./whole-study";

const test = suite("report of the results");

test("puts the claims before figures and tables, and every number one link from its record", async () => {
  const study = wholeStudy();
  const content = resultsReport(study, resultFigures(study, wholePictures()));
  assert.ok(content.figures.length > 10);
  // The figures are tested for themselves.
  const whole = await reportHtml({ ...content, figures: [] });
  // Its own two scripts may run and no other.
  assert.match(whole, /script-src &#39;sha256-[^ ]+ &#39;sha256-/);
  assert.is([...whole.matchAll(/<script>/g)].length, 2);
  const html = whole.replace(/<script>[\s\S]*?<\/script>/g, "");
  assert.ok(html.indexOf('id="claims"') < html.indexOf('id="tables"'));
  assert.match(html, "Simulated cohort.");
  const ids = new Set([...html.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]));
  const links = [...html.matchAll(/href="#([^"]+)"/g)].map((match) => match[1]);
  assert.ok(links.length > 200);
  for (const target of links) assert.ok(ids.has(target), target);
  assert.is([...html.matchAll(/id="record-/g)].length, recordsOf(study).length);
  assert.not.match(html, /(?:src|href)="(?!data:|#)/);
});

test("a run without results has a report that says what is missing", async () => {
  const nothing = { real: null, generators: [], overlays: null, pairs: [] };
  const html = await reportHtml(resultsReport(emptyResults(), resultFigures(emptyResults(), nothing)));
  assert.match(html, "not tested at this scale");
});

test("says where the numbers of a profile mean nothing", () => {
  const profile = { ...emptyResults().profile, name: "smoke", meaningful: false };
  const { result, limitations } = resultsReport(emptyResults({ profile }), new Map());
  assert.match(result, "its numbers mean nothing");
  assert.match(limitations.join(" "), "its numbers mean nothing");
});

test.run();
