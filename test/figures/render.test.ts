import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { writeFigure } from "../../lib/figures/figure";
import { clippedTexts, overlappingTexts, renderPng, renderSvg } from "../../lib/figures/render";
import { exampleFigures } from "./examples";

const test = suite("render");
const figures = exampleFigures();
const example = (id: string) => {
  const found = figures.find((figure) => figure.id === id);
  assert.ok(found, id);
  return found;
};

for (const figure of figures) {
  test(`draws the ${figure.id} figure with the same bytes each time`, async () => {
    const svg = await figure.svg();
    assert.is(await renderSvg(figure), svg);
    assert.not.match(svg, /\bNaN\b|undefined/);
  });

  test(`keeps every text of the ${figure.id} figure on the page and apart`, async () => {
    const svg = await figure.svg();
    assert.match(svg, /<text/);
    assert.equal(clippedTexts(svg), []);
    assert.equal(overlappingTexts(svg), []);
  });
}

test("finds a text that leaves the page, and two that lie over each other", async () => {
  const annotation = {
    text: "far too long a text",
    xref: "paper",
    yref: "paper",
    x: 0.9,
    y: 0.5,
    xanchor: "left",
    showarrow: false,
  };
  const layout = {
    margin: { l: 0, r: 0, t: 0, b: 0 },
    annotations: [annotation, { ...annotation, text: "another text" }],
  };
  const svg = await renderSvg({ id: "bad", data: [], layout, widthMm: 50, heightMm: 30 });
  assert.ok(clippedTexts(svg).some(({ text }) => text === "far too long a text"));
  assert.ok(overlappingTexts(svg).some((pair) => pair.includes("another text")));
});

test("sizes the SVG in mm and the PNG at 300 dots an inch", async () => {
  const figure = example("montage");
  const svg = await figure.svg();
  assert.match(svg, new RegExp(`width="${figure.widthMm}mm" height="${figure.heightMm}mm"`));
  const png = await figure.png();
  const { width, height } = PNG.sync.read(png);
  assert.is(width, Math.round((figure.widthMm / 25.4) * 300));
  assert.ok(Math.abs(height - (figure.heightMm / 25.4) * 300) <= 1);
  // pHYs after the header: 300 dots an inch are 11811 a metre.
  assert.is(png.toString("latin1", 37, 41), "pHYs");
  assert.is(png.readUInt32BE(41), 11811);
});

test("draws letters with no system font", () => {
  const svg = (text: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="20mm" height="5mm" viewBox="0 0 75 19"><text x="2" y="14" style="font-family: Arimo, Arial">${text}</text></svg>`;
  const dark = (text: string) =>
    PNG.sync.read(renderPng(svg(text), 20, 300)).data.filter((value) => value < 128).length;
  assert.is(dark(""), 0);
  assert.ok(dark("n ≥ 3 – µ") > 300);
});

test("prefixes ids with the figure's, and refers to none that is not there", async () => {
  for (const figure of figures) {
    const svg = await figure.svg();
    const ids = new Set([...svg.matchAll(/\bid="([^"]+)"/g)].map((match) => match[1]));
    for (const id of ids) assert.ok(id?.startsWith(`${figure.id}-`), id);
    for (const [, id] of svg.matchAll(/url\((?:&quot;|'|)#([^)'&]+)/g))
      assert.ok(ids.has(id), `${figure.id}: ${id}`);
  }
});

test("writes SVG, PNG and the plotly figure", async () => {
  const folder = mkdtempSync(join(tmpdir(), "synthmr-figure-"));
  try {
    await writeFigure(example("montage"), folder);
    assert.equal(readdirSync(folder).sort(), ["montage.plotly.json", "montage.png", "montage.svg"]);
    const plotly = JSON.parse(readFileSync(join(folder, "montage.plotly.json"), "utf8")) as Record<
      string,
      unknown
    >;
    assert.ok(Array.isArray(plotly["data"]));
    assert.match(String(plotly["caption"]), /simulated/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("has a bundle for notebooks with plotly, PNG and text", async () => {
  const bundle = await example("training").mimeBundle();
  assert.equal(Object.keys(bundle), ["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
  assert.ok(Buffer.from(String(bundle["image/png"]), "base64").toString("latin1", 1, 4) === "PNG");
});

test("gives the picture and the interactive figure of a notebook the size on paper, at 96 pixels an inch", async () => {
  const figure = example("montage");
  const bundle = await figure.mimeBundle();
  const { layout } = bundle["application/vnd.plotly.v1+json"] as {
    layout: { width: number; height: number };
  };
  const png = Buffer.from(String(bundle["image/png"]), "base64");
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)]; // the header's first two fields
  assert.is(layout.width, Math.round((figure.widthMm / 25.4) * 96));
  assert.is(width, layout.width);
  assert.ok(Math.abs(height - layout.height) <= 1, `${height} and ${layout.height}`);
  assert.ok(Math.abs(layout.height - (figure.heightMm / 25.4) * 96) <= 0.5);
});

test("says simulated in the captions of results", () => {
  for (const id of ["montage", "pairs", "overlays"]) assert.match(example(id).caption, /simulated/, id);
});

test.run();
