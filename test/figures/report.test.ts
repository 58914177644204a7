import { suite } from "uvu";
import * as assert from "uvu/assert";
import { reportHtml } from "../../lib/figures/report";
import type { ReportContent } from "../../lib/figures/report-content";
import { exampleFigures, exampleTable } from "./examples";

const test = suite("report");

const content: ReportContent = {
  title: "A report <of> a run",
  subtitle: "On a simulated cohort",
  result: "The mean Dice is 0.66 & simulated.",
  keyNumbers: [{ name: "relative Dice", value: "0.84", note: "0.79 to 0.90" }],
  simulated: true,
  figures: exampleFigures().slice(0, 2),
  tables: [exampleTable()],
  whatWasRun: ["A cohort was made."],
  differences: [{ what: "size", study: "256 x 256", here: "16 x 16" }],
  provenance: [{ name: "commit", value: '0123"><img src=x>' }],
  dataHashes: [{ name: "slices", sha256: "ab".repeat(32) }],
  costs: [
    { stage: "cohort", durationSec: 10, images: null, peakMemoryBytes: null },
    { stage: "training", durationSec: 20, images: 1000, peakMemoryBytes: 2e9 },
  ],
  limitations: ["It is simulated."],
  licences: ["MIT."],
  citation: ["Akbar et al. 2024."],
  command: "npm run reproduce",
};

test("asks for nothing outside itself", async () => {
  const html = await reportHtml(content);
  assert.not.match(html, /(?:src|href)="(?!data:|#)/);
  assert.not.match(html, /@import|url\((?!&quot;#|#|'#)/);
  assert.not.match(html, "<script");
});

test("escapes the texts of a run", async () => {
  const html = await reportHtml(content);
  assert.match(html, "<h1>A report &lt;of&gt; a run</h1>");
  assert.not.match(html, "<img src=x>");
});

test("states the result before the figures, and that it is simulated", async () => {
  const html = await reportHtml(content);
  assert.ok(html.indexOf("0.66 &amp; simulated") < html.indexOf("<figure"));
  assert.match(html, "Simulated cohort.");
  assert.not.match(await reportHtml({ ...content, simulated: false }), "Simulated cohort.");
});

test("has a unique id for every anchor and a target for every link", async () => {
  const html = await reportHtml(content);
  const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]);
  assert.is(new Set(ids).size, ids.length);
  for (const [, target] of html.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(target), target);
});

test("names every drawing for screen readers and orders its headings", async () => {
  const html = await reportHtml(content);
  assert.is([...html.matchAll(/<svg[^>]*role="img"[^>]*><title>/g)].length, 2);
  const levels = [...html.matchAll(/<h([1-6])/g)].map((match) => Number(match[1]));
  levels.forEach((level, i) => {
    assert.ok(level <= (levels[i - 1] ?? 0) + 1, `heading ${i} of level ${level}`);
  });
});

test("counts images a second and the time of all stages", async () => {
  const html = await reportHtml(content);
  assert.match(
    html,
    /training<\/th><td class="right">20\.0<\/td><td class="right">1000<\/td><td class="right">50\.0<\/td>/,
  );
  assert.match(html, /all stages<\/th><td class="right">30\.0<\/td>/);
});

test("carries its tables as CSV and LaTeX", async () => {
  const html = await reportHtml(content);
  const csv = /data:text\/csv;base64,([^"]+)/.exec(html)?.[1] ?? "";
  assert.match(Buffer.from(csv, "base64").toString(), "training images,necrotic core");
  assert.match(html, 'download="dice.tex"');
});

test("is the same each time", async () => {
  assert.is(await reportHtml(content), await reportHtml(content));
});

test.run();
