import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findChromium } from "../../lib/figures/browser-render";
import { exportFigure } from "../../lib/figures/figure-export";
import { subsetFont } from "../../lib/figures/font-subset";
import { fontFiles } from "../../lib/figures/fonts";
import { exampleFigures } from "./examples";

const test = suite("figure export");
const figure = exampleFigures().find(({ id }) => id === "training");

async function exported(format: "svg" | "pdf" | "html", widthMm?: number): Promise<Buffer> {
  assert.ok(figure);
  const folder = mkdtempSync(join(tmpdir(), "synthmr-figure-"));
  try {
    const [path = ""] = await exportFigure(figure, folder, [format], widthMm);
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("an SVG has its size in mm and its fonts inside", async () => {
  const svg = (await exported("svg", 88)).toString();
  assert.match(svg, /<svg[^>]* width="88mm"/);
  assert.is([...svg.matchAll(/@font-face/g)].length, 2);
  assert.ok(svg.length < 300_000);
});

test("an interactive page needs no other file", async () => {
  const html = (await exported("html")).toString();
  assert.not.match(html.replace(/<script>[\s\S]*?<\/script>/g, ""), /(?:src|href)=/);
  assert.match(html, "Plotly.newPlot");
});

test("a font of some characters is small and keeps the numbers of its glyphs", () => {
  const [file = ""] = fontFiles();
  const whole = readFileSync(file);
  const small = subsetFont(whole, "Dice é");
  assert.ok(small.length < 0.2 * whole.length);
  assert.ok(small.length > 5000);
  assert.is(small.readUInt32BE(0), 0x00010000);
  assert.throws(() => subsetFont(Buffer.from("no font at all"), "a"), /not a TrueType file/);
});

if (findChromium() === undefined) test.skip("a PDF is one page of the figure's size", () => undefined);
else
  test("a PDF is one page of the figure's size with its font inside, the same each time", async () => {
    const pdf = await exported("pdf", 88);
    const text = pdf.toString("latin1");
    assert.match(text, /\/Count 1\b/);
    assert.match(text, /Arimo/);
    assert.match(text, /FontFile2/);
    // 88 mm are 249.4 points; the page is rounded up.
    const [, width] = /MediaBox \[0 0 ([\d.]+)/.exec(text) ?? [];
    assert.ok(Math.abs(Number(width) - 249.4) < 1.5, width);
    assert.equal(await exported("pdf", 88), pdf);
  });

test.run();
