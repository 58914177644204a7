import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";
import { localBox, pageBox, textLength } from "./svg-layout";
import type { Box } from "./text-metrics";

/** The part of plotly.js that figures use. */
interface Plotly {
  toImage(
    figure: { data: unknown; layout: unknown; config: unknown },
    options: { format: "svg"; width: number; height: number; imageDataOnly: true },
  ): Promise<string>;
}

/** A page without a browser, with plotly.js loaded and text measured. */
export interface PlotlyPage {
  readonly plotly: Plotly;
  /** Starts the page's random numbers anew, so that the ids plotly draws are the same each time. */
  readonly resetRandom: () => void;
  readonly parseSvg: (svg: string) => Element;
}

let page: PlotlyPage | undefined;

/** The page, made on first use; about half a second. */
export function plotlyPage(): PlotlyPage {
  page ??= openPage();
  return page;
}

function openPage(): PlotlyPage {
  const { window } = new JSDOM("<!doctype html><body></body>", {
    runScripts: "outside-only",
    pretendToBeVisual: true,
  });
  lendBrowserParts(window as unknown as BrowserWindow);
  window.eval(readFileSync(require.resolve("plotly.js-dist-min"), "utf8"));
  const { Plotly: plotly } = window as unknown as { Plotly: Plotly };
  return {
    plotly,
    resetRandom: () => {
      window.eval(
        "{ let state = 1; Math.random = () => (state = (state * 48271) % 2147483647) / 2147483647; }",
      );
    },
    parseSvg: (svg) => new window.DOMParser().parseFromString(svg, "image/svg+xml").documentElement,
  };
}

interface BrowserWindow {
  readonly URL: { createObjectURL?: () => string };
  readonly HTMLCanvasElement: { prototype: object };
  readonly SVGElement: { prototype: object };
}

/** What plotly asks of a browser and jsdom does not have: sizes of text, and the URL of a map worker. */
function lendBrowserParts(window: BrowserWindow): void {
  window.URL.createObjectURL = () => "blob:none";
  Object.assign(window.HTMLCanvasElement.prototype, { getContext: () => null });
  Object.assign(window.SVGElement.prototype, {
    getBBox(this: Element) {
      return asRectangle(localBox(this));
    },
    getBoundingClientRect(this: Element) {
      return asRectangle(pageBox(this));
    },
    getComputedTextLength(this: Element) {
      return textLength(this);
    },
  });
}

function asRectangle(box: Box | undefined): object {
  const { left, top, right, bottom } = box ?? { left: 0, top: 0, right: 0, bottom: 0 };
  return { x: left, y: top, left, top, right, bottom, width: right - left, height: bottom - top };
}
