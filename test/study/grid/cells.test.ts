import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  generatorCells,
  generatorName,
  generatorOf,
  rowName,
  segmentationCells,
  segmentationName,
  STUDY_GRID,
  tableRows,
  type StudyGrid,
} from "../../../lib/study/grid/cells";

const test = suite("cells of the study");

/** BraTS 2020 as the study split it. */
const BRATS2020 = { cohort: "brats2020", trainingSubjects: 313 };

test("a table has 22 rows in the study's order", () => {
  const rows = tableRows();
  assert.is(rows.length, 22);
  const block = (first: number, end: number) => rows.slice(first, end).map(({ generator }) => generator);
  const generators = ["stylegan1", "stylegan2", "stylegan3", "progressive-gan", "diffusion"];
  // Real with augmentation, real, augmentation alone, neither.
  assert.equal(block(0, 6), [null, ...generators]);
  assert.equal(block(6, 12), [null, ...generators]);
  assert.equal(block(12, 17), generators);
  assert.equal(block(17, 22), generators);
  assert.equal(
    rows.map(({ real, augmentation }) => Number(real) * 2 + Number(augmentation)),
    [
      ...Array<number>(6).fill(3),
      ...Array<number>(6).fill(2),
      ...Array<number>(5).fill(1),
      ...Array<number>(5).fill(0),
    ],
  );
});

test("the study's table takes 220 trainings of the U-Net, as many of the Swin transformer", () => {
  const ofAll = segmentationCells(STUDY_GRID, BRATS2020).filter(({ subjects }) => subjects === 313);
  const of = (segmenter: string) => ofAll.filter((cell) => cell.segmenter === segmenter);
  assert.is(of("unet").length, 220);
  assert.is(of("swin").length, 220);
  for (const row of tableRows())
    assert.is(of("unet").filter((cell) => rowName(cell) === rowName(row)).length, 10);
});

test("the curve has the study's numbers of subjects, as far as the cohort has them", () => {
  const subjects = (trainingSubjects: number) => [
    ...new Set(segmentationCells(STUDY_GRID, { cohort: "c", trainingSubjects }).map((cell) => cell.subjects)),
  ];
  assert.equal(
    subjects(313).sort((a, b) => a - b),
    [23, 46, 92, 184, 313],
  );
  assert.equal(
    subjects(52).sort((a, b) => a - b),
    [23, 46, 52],
  );
  assert.equal(subjects(20), [20]);
});

test("every cell stands once, by a name of its own", () => {
  const networks = segmentationCells(STUDY_GRID, BRATS2020).map(segmentationName);
  // 22 rows of both networks, and the curve: real alone and with each generator, at four smaller numbers.
  assert.is(networks.length, 440 + 6 * 4 * 10);
  assert.is(new Set(networks).size, networks.length);
  const generators = generatorCells(STUDY_GRID, BRATS2020).map(generatorName);
  assert.is(generators.length, 25);
  assert.is(new Set(generators).size, 25);
});

test("names say what is trained on what", () => {
  const cell = { cohort: "simulated", segmenter: "unet", subjects: 52, seed: 1 } as const;
  const named = (generator: "stylegan2" | null, real: boolean, augmentation: boolean) =>
    segmentationName({ ...cell, generator, real, augmentation });
  assert.is(named("stylegan2", true, true), "unet-real+stylegan2-augmented-n52-seed1");
  assert.is(named("stylegan2", false, false), "unet-stylegan2-n52-seed1");
  assert.is(named(null, true, false), "unet-real-n52-seed1");
  assert.is(
    generatorName({ cohort: "c", generator: "diffusion", subjects: 23, seed: 0 }),
    "diffusion-n23-seed0",
  );
});

test("a network that sees images needs their generator, of the grid's seed and as many subjects", () => {
  const [cell] = segmentationCells(
    {
      generators: [],
      segmentation: [
        {
          segmenters: ["swin"],
          generators: ["stylegan3"],
          real: [true],
          augmentation: [false],
          subjects: [46],
          seeds: [7],
        },
      ],
      generatorSeed: 3,
    } satisfies StudyGrid,
    BRATS2020,
  );
  if (cell === undefined) throw new Error("no cell");
  assert.equal(generatorOf(cell, { generatorSeed: 3 }), {
    cohort: "brats2020",
    generator: "stylegan3",
    subjects: 46,
    seed: 3,
  });
  assert.is(generatorOf({ ...cell, generator: null }, { generatorSeed: 3 }), undefined);
});

test("nothing is trained without any slices", () => {
  const part = {
    segmenters: ["unet"],
    generators: [null],
    real: [false],
    augmentation: [true, false],
  } as const;
  const grid: StudyGrid = {
    generators: [],
    segmentation: [{ ...part, subjects: ["all"], seeds: [0] }],
    generatorSeed: 0,
  };
  assert.equal(segmentationCells(grid, BRATS2020), []);
});

test.run();
