import { FIRST_TUMOURS_TITLE, firstTumours } from "../data/first-tumours";
import type { SliceSet } from "../data/slice-set";
import { widestTumours } from "../data/widest-tumours";
import { MissingResult } from "../errors";
import type { Figure } from "../figures/figure";
import { montageFigure } from "../figures/montage-figure";
import { SOURCE_LABEL } from "../figures/palette";
import { windowsOf } from "../figures/slice-view";
import { snapshotsFigure } from "../figures/snapshots-figure";
import { GENERATOR_TITLE, type GeneratorName } from "../generators/generator-config";
import { readSheet, SHEET_IMAGES, someSheets } from "../generators/sample-sheet";
import { currentResults } from "./current-results";
import { generatorTrainingFigure } from "./results/figures/training-figures";
import type { Study } from "./study";
import { maySeeSubjects } from "./user-cohort";

/** Figures of one generator, by the beginning of their names: `snapshots-stylegan2`. */
export const GENERATOR_FIGURES = { training, snapshots, samples } as const;

/** Losses against images seen. */
async function training(study: Study, name: GeneratorName): Promise<Figure> {
  await study.generator(name);
  const { results } = await currentResults(study);
  const generators = results.generators.filter(({ cell }) => cell.generator === name);
  return generatorTrainingFigure({ ...results, generators }, 88);
}

/** The same seeds over the training. */
async function snapshots(study: Study, name: GeneratorName): Promise<Figure> {
  const { folder, result } = await study.generator(name);
  const sheets = someSheets(folder);
  if (sheets.length === 0)
    throw new MissingResult(`samples over the training, ${GENERATOR_TITLE[name]}`, "no snapshots were kept");
  const { train } = await study.sliceSets();
  return snapshotsFigure({
    id: `snapshots-${name}`,
    label: GENERATOR_TITLE[name],
    windows: windowsOf(train),
    snapshots: sheets.map(({ path, imagesSeen }) => ({
      imagesSeen,
      set: sheetSlices(readSheet(path, result.size), result.size, study.words.simulated),
    })),
  });
}

/** Real slices above, the generator's first images with a tumour below. */
async function samples(study: Study, name: GeneratorName, count: number): Promise<Figure> {
  const set = await study.sampleSet(name);
  const { test } = await study.sliceSets();
  const synthetic = {
    label: SOURCE_LABEL[name],
    source: name,
    set,
    indices: firstTumours(set, count),
  };
  const shown = maySeeSubjects(study.context);
  const real = {
    label: study.words.real,
    source: "real" as const,
    set: test,
    indices: widestTumours(test).slice(0, count),
  };
  return montageFigure({
    id: `samples-${name}`,
    rows: shown ? [real, synthetic] : [synthetic],
    note: `${shown ? "Real: the slice with the largest tumour of the first test subjects. " : "Pictures of patients are left out. "}Synthetic: ${FIRST_TUMOURS_TITLE}, not chosen.`,
  });
}

/** The images of a sheet as slices of nobody. */
function sheetSlices(images: Uint8Array, size: number, simulated: boolean): SliceSet {
  return {
    size,
    count: SHEET_IMAGES,
    images,
    subjects: ["synthetic"],
    subjectOf: new Int32Array(SHEET_IMAGES),
    z: new Int32Array(SHEET_IMAGES).fill(1),
    simulated,
    source: "samples over a training",
  };
}
