import { PNG } from "pngjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BrowserRenderer, findChromium } from "../../lib/figures/browser-render";
import { mm } from "../../lib/figures/page";
import { plotlyPage } from "../../lib/figures/plotly-dom";
import { placedTexts } from "../../lib/figures/svg-layout";
import { exampleFigures } from "./examples";

const test = suite("browser render");
const chromium = findChromium();

if (chromium === undefined) {
  console.log("skipped: no Chromium");
  test.skip("draws as the renderer without a browser does", () => undefined);
} else {
  test("draws the same sizes and texts in the same places as the renderer without a browser", async () => {
    const browser = await BrowserRenderer.open(chromium);
    try {
      for (const figure of exampleFigures().filter(({ id }) =>
        ["dice", "memorization", "overlays"].includes(id),
      )) {
        const drawn = await browser.draw(figure);
        assert.equal(drawn.clipped, [], figure.id);
        const { width, height } = PNG.sync.read(drawn.png);
        assert.ok(Math.abs(width - mm(figure.widthMm) * (300 / 96)) <= 4, figure.id);
        assert.ok(Math.abs(height - mm(figure.heightMm) * (300 / 96)) <= 4, figure.id);
        samePlaces(drawn.svg, await figure.svg(), figure.id);
      }
    } finally {
      await browser.close();
    }
  });
}

/** Texts of two drawings agree one by one, and stand within two pixels of each other. */
function samePlaces(one: string, other: string, id: string): void {
  const [a, b] = [one, other].map((svg) => placedTexts(plotlyPage().parseSvg(svg))) as [
    ReturnType<typeof placedTexts>,
    ReturnType<typeof placedTexts>,
  ];
  assert.equal(
    a.map(({ text }) => text),
    b.map(({ text }) => text),
    id,
  );
  a.forEach(({ text, box }, i) => {
    const match = b[i]?.box ?? box;
    const apart = Math.max(Math.abs(box.left - match.left), Math.abs(box.top - match.top));
    assert.ok(apart <= 2, `${id}: "${text}" stands ${apart.toFixed(1)} pixels apart`);
  });
}

test.run();
