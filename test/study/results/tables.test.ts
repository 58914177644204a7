import { suite } from "uvu";
import * as assert from "uvu/assert";
import { allTables, makeTable, resultTables } from "../../../lib/study/results/result-tables";
import type { SegmentationRecord, StudyResults } from "../../../lib/study/results/study-results";
import { near } from "../../near";
import { emptyResults, generatorCell, matched, origin, qualityOf, trained } from "./made-up";
import { wholeStudy } from "./whole-study";

const test = suite("tables of the results");

/** Networks on real and on StyleGAN 2's slices, two seeds each, three test subjects. */
function smallStudy(): StudyResults {
  const dice = (scale: number): SegmentationRecord["dice"] => ({
    necroticCore: [0.4 * scale, Number.NaN, 0.6 * scale],
    edema: [0.6 * scale, 0.8 * scale, 0.7 * scale],
    enhancingTumour: [0.8 * scale, 0.8 * scale, 0.8 * scale],
  });
  const segmentation = [
    trained({ seed: 1 }, dice(1)),
    trained({ seed: 2 }, dice(0.9)),
    trained({ generator: "stylegan2", real: false, seed: 1 }, dice(0.8)),
    trained({ generator: "stylegan2", real: false, seed: 2 }, dice(0.72)),
  ];
  const planned = [
    ...segmentation.map(({ cell }) => cell),
    trained({ generator: "diffusion", real: false }, [1]).cell,
  ];
  return emptyResults({ segmentation, planned: { generators: [], segmentation: planned } });
}

test("the Dice table has 22 rows in the study's order with lines over its blocks", () => {
  const table = makeTable(smallStudy(), "dice-unet");
  assert.is(table.rows.length, 22);
  assert.equal(
    table.rows.slice(0, 6).map(([name]) => name),
    ["none", "StyleGAN 1", "StyleGAN 2", "StyleGAN 3", "progressive GAN", "diffusion model"],
  );
  assert.equal(table.rows[12]?.slice(0, 3), ["StyleGAN 1", "no", "yes"]);
  assert.equal(table.ruled, [6, 12, 17]);
});

test("a cell is the mean over subjects, then mean and population spread over seeds", () => {
  const row = makeTable(smallStudy(), "dice-unet").rows[6] ?? [];
  // Seed 1: necrotic core (0.4 + 0.6) / 2 = 0.5, edema 0.7, enhancing 0.8, mean 2 / 3; seed 2: 0.9 of it.
  const cells = row
    .slice(3, 7)
    .map((cell) => cell as { mean: number; standardDeviation: number; count: number });
  near(
    cells.map(({ mean }) => mean),
    [0.76, 0.665, 0.475, 0.95 * (2 / 3)],
    1e-12,
  );
  near(
    cells.map(({ standardDeviation }) => standardDeviation),
    [0.04, 0.035, 0.025, 0.05 * (2 / 3)],
    1e-12,
  );
  assert.is(row[7], "2 of 2");
});

test("a row without a finished training is shown as missing, and says whether it is planned", () => {
  const rows = makeTable(smallStudy(), "dice-unet").rows;
  assert.equal(rows[21], ["diffusion model", "no", "no", null, null, null, null, "0 of 1"]);
  assert.is(rows[0]?.[7], "not planned");
});

test("relative Dice is the ratio of the means of class means, against the real row of the same augmentation", () => {
  const { rows } = makeTable(smallStudy(), "relative-dice-unet");
  assert.is(rows.length, 1);
  const [name, real, augmented, relative, difference] = rows[0] ?? [];
  assert.equal([name, real, augmented], ["StyleGAN 2", "no", "no"]);
  // Both seeds of the row are 0.8 of those of the baseline, for every subject: no width.
  const { estimate, low, high } = relative as { estimate: number; low: number; high: number };
  near([estimate, low, high], [0.8, 0.8, 0.8], 1e-12);
  // 0.95 x 2/3 x (0.8 - 1).
  near([(difference as { estimate: number }).estimate], [-0.19 * (2 / 3)], 1e-12);
});

test("rows tested on other subjects are not compared", () => {
  const study = smallStudy();
  const [first, ...rest] = study.segmentation;
  assert.ok(first);
  const other = { ...study, segmentation: [{ ...first, subjects: ["A", "B", "C"] }, ...rest] };
  assert.throws(() => makeTable(other, "relative-dice-unet"), RangeError);
});

test("FID and Inception score are names of the canonical extractor's columns alone", () => {
  const labels = (canonical: boolean): readonly string[] => {
    const quality = [qualityOf("stylegan2", 40, 2, canonical)];
    const name = [...resultTables(emptyResults({ quality })).keys()].find((key) =>
      key.startsWith("image-quality"),
    );
    return makeTable(emptyResults({ quality }), name ?? "").columns.map(({ label }) => label);
  };
  assert.ok(labels(true).includes("FID") && labels(true).includes("Inception score"));
  const others = labels(false).join(" ");
  assert.not.match(others, /FID|KID|Inception/);
  assert.match(others, "Fréchet distance");
});

test("the memorization table counts the images above the 99th percentile of the held-out slices", () => {
  // 101 held-out values 0, 0.01, ..., 1: their 99th percentile is 0.99; one of four images is above it.
  const heldOut = Array.from({ length: 101 }, (_, i) => i / 100);
  const record = matched(generatorCell("diffusion"), [0.5, 0.6, 0.99, 0.995], heldOut);
  const [row = []] = makeTable(emptyResults({ memorization: [record] }), "memorization").rows;
  assert.is(row[3], 4);
  near([row[4] as number, row[7] as number], [0.795, 0.99], 1e-12);
  near([(row[8] as { estimate: number }).estimate], [25], 1e-12);
});

test("the table of copies gives shares in percent", () => {
  const copies = {
    cell: generatorCell("diffusion"),
    origin: origin("copies-diffusion"),
    sequence: "t1wGd" as const,
    moved: { images: 256, reachPixels: 1, threshold: 0.97, shareAbove: 0.125, shareMoved: 0.0625 },
    features: { extractor: "encoder", images: 512, copyShare: 0.25 },
  };
  const [row = []] = makeTable(emptyResults({ copies: [copies] }), "copies").rows;
  assert.equal(row.slice(2), [256, 0.97, 12.5, 6.25, 512, 25]);
});

test("the cost of 100,000 images follows from the rate", () => {
  const { generators, ...rest } = wholeStudy();
  const [first] = generators;
  assert.ok(first?.sampling);
  const generator = { ...first, sampling: { ...first.sampling, imagesPerSec: 10 } };
  const [row = []] = makeTable({ ...rest, generators: [generator] }, "cost").rows;
  near([row[10] as number], [100_000 / 10 / 3600], 1e-12);
});

test("stages add up, and what was not measured is missing", () => {
  const stages = [
    { origin: origin("cohort", { durationSec: 10, peakMemoryBytes: Number.NaN }), images: null },
    { origin: origin("samples", { durationSec: 20, peakMemoryBytes: 2e9 }), images: 1000 },
  ];
  const table = makeTable(emptyResults({ stages }), "stages");
  assert.equal(table.rows[1], ["samples", 20, 1000, 50, 2]);
  assert.equal(table.rows[2], ["all stages", 30, null, null, 2]);
  assert.match(table.toText(), /cohort +10.0 +– +– +–/);
});

test("trainings without a result are listed with the reason", () => {
  const cell = generatorCell("stylegan3");
  const table = makeTable(
    emptyResults({
      planned: { generators: [cell, generatorCell("diffusion")], segmentation: [] },
      missing: [{ name: "stylegan3-n52-seed1", reason: "weights of stylegan3 are not shipped" }],
    }),
    "missing",
  );
  assert.equal(table.rows, [
    ["stylegan3-n52-seed1", "weights of stylegan3 are not shipped"],
    ["diffusion-n52-seed1", "not run"],
  ]);
});

test("every table of a whole study can be written as HTML, CSV and LaTeX, and says that it is simulated", () => {
  for (const [name, make] of allTables(wholeStudy())) {
    const table = make();
    assert.is(table.id, name);
    assert.match(table.toHtml(), "<caption>");
    assert.is(table.toCsv().trim().split("\r\n").length >= table.rows.length + 1, true);
    assert.match(table.toLatex(), "\\toprule");
    if (/dice|quality|memorization|copies|cohort|^cost|claims|effects/.test(name))
      assert.match(table.caption, "simulated");
  }
});

test("an unknown table is refused with the names there are", () => {
  assert.throws(() => makeTable(wholeStudy(), "dise"), /Choose one of dice-unet/);
});

test.run();
