import { suite } from "uvu";
import * as assert from "uvu/assert";
import { clippedTexts, overlappingTexts } from "../../../lib/figures/render";
import { makeFigure, resultFigures } from "../../../lib/study/results/result-figures";
import { near } from "../../near";
import { emptyResults, generatorCell, matched, trained } from "./made-up";
import { wholePictures, wholeStudy } from "./whole-study";

const test = suite("figures of the results");
const NO_PICTURES = { real: null, generators: [], overlays: null, pairs: [] };

test("every figure of a whole study is drawn without a text that is cut or lies over another", async () => {
  const figures = resultFigures(wholeStudy(), wholePictures());
  assert.is(figures.size, 14);
  for (const [name, make] of figures) {
    const figure = make();
    assert.is(figure.id, name);
    assert.ok(figure.alternative.length > 10 && figure.widthMm <= 180.1, name);
    const svg = await figure.svg();
    assert.equal(
      clippedTexts(svg).map(({ text }) => text),
      [],
      name,
    );
    assert.equal(overlappingTexts(svg), [], name);
    if (name !== "segmentation-training-swin") assert.match(`${figure.caption} ${svg}`, "simulated");
  }
});

test("charts are laid out anew for one column", async () => {
  for (const name of ["dice-subjects-unet", "memorization-curve", "quality-dice"]) {
    const figure = makeFigure(wholeStudy(), wholePictures(), name, 88);
    assert.is(figure.widthMm, 88);
    const svg = await figure.svg();
    assert.equal(
      clippedTexts(svg).map(({ text }) => text),
      [],
      name,
    );
    assert.equal(overlappingTexts(svg), [], name);
  }
});

test("a figure without records is not offered", () => {
  assert.equal([...resultFigures(emptyResults(), NO_PICTURES).keys()], []);
  assert.throws(() => makeFigure(emptyResults(), NO_PICTURES, "dice-cells-unet"), /has no record for it/);
});

test("without pictures of subjects the figures of numbers remain", () => {
  const names = [...resultFigures(wholeStudy(), NO_PICTURES).keys()];
  assert.is(names.length, 11);
  assert.not.ok(names.includes("overlays"));
});

test("Dice over all rows shows the mean over seeds and each seed", () => {
  const records = [trained({ seed: 1 }, [0.5, 0.7]), trained({ seed: 2 }, [0.7, 0.9])];
  const { data } = makeFigure(emptyResults({ segmentation: records }), NO_PICTURES, "dice-cells-unet");
  // Second column, mean of classes: seeds 0.6 and 0.8 small, their mean 0.7 large.
  const own = data.filter(({ xaxis }) => xaxis === "x2");
  near(own[0]?.["y"] as number[], [0.6, 0.8], 1e-12);
  near(own[1]?.["y"] as number[], [0.7], 1e-12);
});

test("the memorization curve shows the share of images above the 99th percentile", () => {
  const heldOut = Array.from({ length: 101 }, (_, i) => i / 100);
  const memorization = [
    matched(generatorCell("diffusion", 12), [0.995, 0.995, 0.5, 0.5], heldOut),
    matched(generatorCell("diffusion", 52), [0.995, 0.5, 0.5, 0.5], heldOut),
  ];
  const { data } = makeFigure(emptyResults({ memorization }), NO_PICTURES, "memorization-curve");
  near(data[0]?.["y"] as number[], [50, 25], 1e-12);
});

test.run();
