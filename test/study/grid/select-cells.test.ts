import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  generatorCells,
  generatorName,
  segmentationCells,
  segmentationName,
  STUDY_GRID,
} from "../../../lib/study/grid/cells";
import {
  checkSelected,
  selectGenerators,
  selectSegmentation,
  type CellFilter,
} from "../../../lib/study/grid/select-cells";

const test = suite("select-cells");

const COHORT = { cohort: "simulated", trainingSubjects: 52 };
const NETWORKS = segmentationCells(STUDY_GRID, COHORT);
const GENERATORS = generatorCells(STUDY_GRID, COHORT);
const networks = (filter: CellFilter) => selectSegmentation(NETWORKS, filter).map(segmentationName);
const generators = (filter: CellFilter) => selectGenerators(GENERATORS, filter).map(generatorName);

test("an empty filter lets everything through", () => {
  assert.equal([networks({}).length, generators({}).length], [NETWORKS.length, GENERATORS.length]);
});

test("filters narrow together", () => {
  const found = networks({ generators: ["stylegan2"], segmenters: ["swin"], seeds: [4] });
  // With and without real slices, each with and without augmentation.
  assert.equal(found.sort(), [
    "swin-real+stylegan2-augmented-n52-seed4",
    "swin-real+stylegan2-n52-seed4",
    "swin-stylegan2-augmented-n52-seed4",
    "swin-stylegan2-n52-seed4",
  ]);
  assert.equal(generators({ generators: ["stylegan2"] }).sort(), [
    "stylegan2-n23-seed0",
    "stylegan2-n46-seed0",
    "stylegan2-n52-seed0",
  ]);
});

test("a name may hold stars, and nothing else is special in it", () => {
  assert.equal(networks({ only: ["unet-real-n52-seed1"] }), ["unet-real-n52-seed1"]);
  assert.equal(networks({ only: ["unet-real+diffusion-n52-seed1"] }), ["unet-real+diffusion-n52-seed1"]);
  assert.is(networks({ only: ["unet-real-n52-*"] }).length, 10);
  assert.equal(networks({ only: ["unet-rea.-n52-seed1"] }), []);
  assert.is(networks({ only: ["unet-real-n52-seed1", "swin-real-n52-seed1"] }).length, 2);
});

test("who asks for a network gets no generator that it does not need", () => {
  assert.equal(generators({ segmenters: ["unet"] }), []);
  assert.is(generators({ segmenters: ["unet"], generators: ["diffusion"] }).length, 3);
});

test("filters that let nothing through are refused", () => {
  checkSelected(GENERATORS, []);
  assert.throws(() => {
    checkSelected([], networks({ only: ["nothing-*"] }));
  }, /let no training through/);
});

test.run();
