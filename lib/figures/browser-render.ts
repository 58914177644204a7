import { existsSync, readFileSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";
import { fontFiles, FONT_NAME } from "./fonts";
import { mm } from "./page";
import { PRINT_DPI, type Drawing } from "./render";

/** Where Debian, Ubuntu, Fedora, macOS and Google's packages put a Chromium. */
const USUAL_PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** The Chromium of this machine: `$SYNTHMR_CHROMIUM`, else a usual place, else undefined. */
export function findChromium(): string | undefined {
  const named = process.env["SYNTHMR_CHROMIUM"];
  return [...(named === undefined ? [] : [named]), ...USUAL_PLACES].find((path) => existsSync(path));
}

/** What a browser makes of a figure. */
export interface BrowserDrawing {
  readonly svg: string;
  /** PNG of the page at 300 dots an inch, up to 3 pixels larger than the figure. */
  readonly png: Buffer;
  /** Texts whose boxes leave the page. */
  readonly clipped: readonly string[];
}

/** A running browser that draws figures; `close` it when done. */
export class BrowserRenderer {
  private constructor(private readonly browser: Browser) {}

  /** @param executablePath As `findChromium` gives it. */
  static async open(executablePath: string): Promise<BrowserRenderer> {
    // A container without user namespaces cannot sandbox; only the program's own figures are opened.
    return new BrowserRenderer(await chromium.launch({ executablePath, args: ["--no-sandbox"] }));
  }

  /** Draws a figure with plotly.js in the browser, in the figures' own typeface; nothing is fetched. */
  async draw({ data, layout, widthMm, heightMm }: Drawing): Promise<BrowserDrawing> {
    const [width, height] = [mm(widthMm), mm(heightMm)];
    const page = await this.browser.newPage({
      // A window has whole pixels.
      viewport: { width: Math.ceil(width), height: Math.ceil(height) },
      deviceScaleFactor: PRINT_DPI / 96,
      offline: true,
    });
    try {
      await page.setContent(
        `<!doctype html><style>${fontRules()} body { margin: 0 }</style><div id="figure"></div>`,
      );
      await page.addScriptTag({ path: require.resolve("plotly.js-dist-min") });
      const figure = { data, layout: { ...layout, width, height, autosize: false } };
      await page.evaluate(`(${drawInPage})(${JSON.stringify(JSON.stringify(figure))})`);
      const svg = (await page.evaluate(
        `Plotly.toImage("figure", { format: "svg", width: ${width}, height: ${height}, imageDataOnly: true })`,
      )) as string;
      const clipped = (await page.evaluate(clippedInPage)) as readonly string[];
      return { svg, clipped, png: await page.screenshot({ type: "png" }) };
    } finally {
      await page.close();
    }
  }

  /**
   * Prints a drawing as a PDF page of its size on paper: vectors and text, with the fonts inside. The same
   * drawing gives the same bytes.
   *
   * @param svg As `Figure.svg` draws it.
   */
  async pdf(svg: string, { widthMm, heightMm }: Pick<Drawing, "widthMm" | "heightMm">): Promise<Buffer> {
    const page = await this.browser.newPage({ offline: true });
    try {
      // Rounded up: a drawing larger than its page by a hair would be printed on two.
      const [width, height] = [widthMm, heightMm].map((length) => Math.ceil(100 * length + 5) / 100);
      await page.setContent(
        `<!doctype html><style>${fontRules()} @page { size: ${width}mm ${height}mm; margin: 0 } body { margin: 0 } svg { display: block }</style>${svg}`,
      );
      await page.evaluate("document.fonts.ready.then(() => undefined)");
      const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true, pageRanges: "1" });
      return withoutDates(pdf);
    } finally {
      await page.close();
    }
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}

/** Runs in the browser; a text of its own because the page knows nothing of this module. */
const drawInPage = `async (figure) => {
  await Promise.all([...document.fonts].map((font) => font.load()));
  const { data, layout } = JSON.parse(figure);
  await Plotly.newPlot("figure", data, layout, { staticPlot: true });
}`;

const clippedInPage = `(() => {
  const page = document.getElementById("figure").getBoundingClientRect();
  const leaves = (box) => box.width > 0 &&
    (box.left < -0.5 || box.top < -0.5 || box.right > page.right + 0.5 || box.bottom > page.bottom + 0.5);
  return [...document.querySelectorAll("#figure .main-svg text")]
    .filter((text) => leaves(text.getBoundingClientRect()))
    .map((text) => text.textContent);
})()`;

/** Puts a fixed date of the same length in place of the time of printing. */
function withoutDates(pdf: Buffer): Buffer {
  const text = pdf.toString("latin1");
  return Buffer.from(text.replace(/\(D:\d{14}/g, "(D:20000101000000"), "latin1");
}

function fontRules(): string {
  const [regular, bold, italic] = fontFiles().map((file) => readFileSync(file).toString("base64"));
  const rule = (data: string | undefined, style: string): string =>
    `@font-face { font-family: ${FONT_NAME}; ${style}; src: url(data:font/ttf;base64,${data ?? ""}) }`;
  return [
    rule(regular, "font-weight: 400"),
    rule(bold, "font-weight: 700"),
    rule(italic, "font-style: italic"),
  ].join("\n");
}
