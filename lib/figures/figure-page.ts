import { readFileSync } from "node:fs";
import type { Figure } from "./figure";
import { escapeHtml } from "./markup";
import { mm } from "./page";

/** A page with one interactive figure that needs no other file and no network. */
export function interactivePage({
  title,
  caption,
  alternative,
  data,
  layout,
  widthMm,
  heightMm,
}: Figure): string {
  const figure = { data, layout: { ...layout, width: mm(widthMm), height: mm(heightMm), autosize: false } };
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>body { margin: 1.5rem auto; max-width: ${widthMm}mm; font: 1rem/1.5 system-ui, sans-serif; color: #1b1d20; background: #fff } figure { margin: 0; overflow-x: auto }</style>
</head><body><main><h1 style="font-size:1.2rem">${escapeHtml(title)}</h1>
<figure><div id="figure" role="img" aria-label="${escapeHtml(alternative)}"></div><figcaption>${escapeHtml(caption)}</figcaption></figure></main>
<script type="application/json" id="content">${scriptSafe(JSON.stringify(figure))}</script>
<script>${plotlySource()}</script>
<script>{ const { data, layout } = JSON.parse(document.getElementById("content").textContent); Plotly.newPlot("figure", data, layout, { displaylogo: false, responsive: false }); }</script>
</body></html>
`;
}

/** The source of plotly.js, to stand in a page. */
export function plotlySource(): string {
  return scriptSafe(readFileSync(require.resolve("plotly.js-dist-min"), "utf8"));
}

/** JSON or a script whose text cannot end the element it stands in. */
export function scriptSafe(text: string): string {
  return text.replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--");
}
