import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withNeighbours } from "../../../lib/study/collect/collect-pictures";
import { clippedTexts, overlappingTexts } from "../../../lib/figures/render";
import { makeTable } from "../../../lib/study/results/result-tables";
import { makeFigure, resultFigures } from "../../../lib/study/results/result-figures";
import { near } from "../../near";
import { emptyResults, generatorCell, matched, trained } from "./made-up";
import { wholePictures, wholeStudy } from "./whole-study";

const test = suite("figures of the results");
const NO_PICTURES = { real: null, generators: [], overlays: null, pairs: [] };

test("every figure of a whole study is drawn without a text that is cut or lies over another", async () => {
  const figures = resultFigures(wholeStudy(), wholePictures());
  assert.is(figures.size, 19);
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

test("a subject that one training alone has a value of does not move a row's point from the mean of its trainings", () => {
  const records = [trained({ seed: 1 }, [0.5, Number.NaN]), trained({ seed: 2 }, [0.5, 0.1])];
  const planned = { generators: [], segmentation: records.map(({ cell }) => cell) };
  const results = emptyResults({ segmentation: records, planned });
  const { data } = makeFigure(results, NO_PICTURES, "dice-cells-unet");
  const points = data.filter(({ xaxis }) => xaxis === "x2").map((series) => series["y"] as number[]);
  // Trainings 0.5 and (0.5 + 0.1) / 2; each subject averaged first would give (0.5 + 0.1) / 2.
  near(points.flat(), [0.5, 0.3, 0.4], 1e-12);
  const { mean } = makeTable(results, "dice-unet").rows[6]?.[6] as { mean: number };
  near([mean], [0.4], 1e-12);
});

test("overlays stand beside real slices alone, a figure for each block of the tables", () => {
  const whole = wholePictures();
  const labels = (name: string): readonly string[] => {
    const { layout } = makeFigure(wholeStudy(), whole, name);
    const { annotations } = layout as { annotations: readonly { text: string }[] };
    return annotations.map(({ text }) => text.replace(/<[^>]*>/g, " "));
  };
  assert.ok(labels("overlays").some((text) => text.includes("diffusion")));
  assert.not.ok(labels("overlays").some((text) => text.includes("real +")));
  assert.is(labels("overlays-mixed").filter((text) => text.includes("real +")).length, 5);
  assert.match(
    makeFigure(wholeStudy(), whole, "overlays-mixed-augmented").caption,
    "U-Nets, trained with augmentation",
  );
  // The Swin transformer's augmented rows have no training here.
  assert.throws(() => makeFigure(wholeStudy(), whole, "overlays-swin-augmented"), /is not known/);
});

test("Dice over all rows shows the mean over seeds and each seed", () => {
  const records = [trained({ seed: 1 }, [0.5, 0.7]), trained({ seed: 2 }, [0.7, 0.9])];
  const { data } = makeFigure(emptyResults({ segmentation: records }), NO_PICTURES, "dice-cells-unet");
  // Second column, mean of classes: seeds 0.6 and 0.8 small, their mean 0.7 large.
  const own = data.filter(({ xaxis }) => xaxis === "x2");
  near(own[0]?.["y"] as number[], [0.6, 0.8], 1e-12);
  near(own[1]?.["y"] as number[], [0.7], 1e-12);
});

test("pairs show the neighbours of the training slice, and the diffusion model at its fewest subjects too", () => {
  const whole = wholePictures();
  const [last] = whole.pairs.slice(-1);
  assert.ok(last);
  const few = { ...last, cell: { ...last.cell, subjects: 12 } };
  const drawn = (pairs: typeof whole.pairs) =>
    makeFigure(wholeStudy(), { ...whole, pairs }, "generator-pairs").layout as {
      images: readonly unknown[];
      annotations: readonly { text: string }[];
    };
  // Five tiles and a joint histogram a generator; the first slice has none below it.
  assert.is(drawn(whole.pairs).images.length, 5 * 6 - 1);
  const { images, annotations } = drawn([...whole.pairs, few]);
  assert.is(images.length, 6 * 6 - 1);
  const texts = annotations.map(({ text }) => text).join(" ");
  for (const text of ["slice below", "slice above", "52 subjects", "12 subjects"]) assert.match(texts, text);
});

test("neighbours are slices of the same subject in the order of the head", () => {
  // Subject 0 holds slices 70, 72, 71; subject 1 slice 70.
  const training = { subjectOf: Int32Array.of(0, 0, 1, 0), z: Int32Array.of(70, 72, 70, 71) };
  assert.equal(withNeighbours(training, [3, 2, 1]), {
    indices: [3, 2, 1, 0, 1, 3],
    neighbours: [
      { below: 3, above: 4 },
      { below: null, above: null },
      { below: 5, above: null },
    ],
  });
});

test("distributions have a panel for each number of training subjects", () => {
  const heldOut = [0.5, 0.6, 0.7];
  const memorization = [
    matched(generatorCell("diffusion", 52), [0.5], heldOut),
    matched(generatorCell("diffusion", 12), [0.9], heldOut),
  ];
  const { alternative } = makeFigure(
    emptyResults({ memorization }),
    NO_PICTURES,
    "memorization-distributions",
  );
  assert.match(alternative, /^diffusion model, 12 subjects: .* diffusion model, 52 subjects: /);
});

test("a generator alone at a number of subjects stands over its tick", () => {
  const heldOut = Array.from({ length: 101 }, (_, i) => i / 100);
  const memorization = [
    matched(generatorCell("diffusion", 12), [0.995], heldOut),
    matched(generatorCell("diffusion", 52), [0.5], heldOut),
    matched(generatorCell("stylegan2", 52), [0.5], heldOut),
  ];
  const { data } = makeFigure(emptyResults({ memorization }), NO_PICTURES, "memorization-curve");
  const x = data.find((trace) => (trace["x"] as number[]).length === 2)?.["x"] as number[];
  near(x, [12, 52 * 1.01], 1e-9);
});

test("Dice against subjects sets rows apart only where they stand at the same number", () => {
  const records = [
    trained({ subjects: 12 }, [0.5, 0.6]),
    trained({}, [0.7, 0.8]),
    trained({ generator: "diffusion", real: true }, [0.7, 0.8]),
  ];
  const { data } = makeFigure(emptyResults({ segmentation: records }), NO_PICTURES, "dice-subjects-unet");
  near(data[0]?.["x"] as number[], [12, 52 * 0.994], 1e-9);
});

test("grey values of the background are left out of the curves outside the tumour", () => {
  const study = wholeStudy();
  // A million pixels from 4 to 7.
  const lifted = (classes: readonly (readonly number[])[]): readonly (readonly number[])[] =>
    classes.map((counts) => counts.map((count, bin) => (bin === 1 ? 1_000_000 : count)));
  const images = study.images.map(({ cell, statistics }) => {
    const { t1w, t1wGd, t2w, flair } = statistics.grey;
    const grey = { t1w: lifted(t1w), t1wGd: lifted(t1wGd), t2w: lifted(t2w), flair: lifted(flair) };
    return { cell, statistics: { ...statistics, grey } };
  });
  const drawn = (results: typeof study) =>
    makeFigure(results, NO_PICTURES, "intensity-comparison").data.map((trace) => (trace["y"] as number[])[0]);
  const firsts = drawn({ ...study, images });
  const ofPanel = firsts.length / 16;
  assert.ok(firsts.slice(0, 4 * ofPanel).every((share) => share === 0));
  assert.ok(firsts.slice(4 * ofPanel).every((share = 0) => share > 50));
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

test("the memorization curve joins no points of networks that were not trained alike, and says so", () => {
  const heldOut = Array.from({ length: 101 }, (_, i) => i / 100);
  const memorization = [12, 52].map((subjects) =>
    matched(generatorCell("diffusion", subjects), [0.995], heldOut),
  );
  const curve = (fewImages: number): readonly [unknown, boolean, boolean] => {
    const trainedOn = wholeStudy().generators.filter(({ cell }) => cell.generator === "diffusion");
    const generators = trainedOn.slice(0, 1).flatMap((record) => [
      { ...record, cell: generatorCell("diffusion", 12), imagesSeen: fewImages },
      { ...record, cell: generatorCell("diffusion", 52), imagesSeen: 140_000 },
    ]);
    const { data, caption } = makeFigure(
      emptyResults({ memorization, generators }),
      NO_PICTURES,
      "memorization-curve",
    );
    const unlike = caption.includes("50,000 on 12 subjects, 140,000 on 52 subjects");
    return [data[0]?.["mode"], unlike, caption.includes("each slice was seen about as often")];
  };
  assert.equal(curve(50_000), ["markers", true, false]);
  assert.equal(curve(140_000), ["lines+markers", false, false]);
  assert.equal(curve(32_308), ["lines+markers", false, true]);
});

test.run();
