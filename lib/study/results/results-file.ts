import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readSliceSet, writeSliceSet, type SliceSet } from "../../data/slice-set";
import { explainFileError, InputError } from "../../errors";
import { GENERATOR_NAMES } from "../../generators/generator-config";
import { SEQUENCES } from "../../shape";
import { writeJsonAtomic } from "../../storage/atomic-write";
import { readJson } from "../../storage/json-file";
import { withLock } from "../../storage/lock";
import { makeFolder } from "../../storage/make-folder";
import { PROJECT_ROOT } from "../../storage/project-root";
import { readSafetensors, writeSafetensors } from "../../storage/safetensors";
import { runMeasures, writeRunMeasures } from "./run-measures";
import type { StudyPictures } from "./study-pictures";
import { generatorCell, segmentationCell, studyResultsSchema, type StudyResults } from "./study-results";

/** Folder of the results in a run's. */
export const RESULTS_FOLDER = "results";
export const RESULTS_FILE = "results.json";
/** The few numbers of them that runs are compared by. */
export const MEASURES_FILE = "measures.json";
const PICTURES = "pictures";
/** Where pictures are written before they take their place; the process's id follows. */
const ASIDE = "pictures.part-";
const LOCK = "collect.lock";
const INDEX = "pictures.json";
const PREDICTIONS = "predictions.safetensors";

const REMEDY = "Collect the results again with synthmr study collect";

/** What stands in the picture folder beside the slices. */
const indexSchema = z.object({
  real: z.boolean(),
  generators: z.array(z.enum(GENERATOR_NAMES)),
  /** Cells whose predictions are there; null without overlays. */
  overlays: z.array(segmentationCell).nullable(),
  pairs: z.array(
    z.object({
      cell: generatorCell,
      sequence: z.enum(SEQUENCES),
      extent: z.enum(["image", "brain"]),
      r: z.array(z.number()),
      neighbours: z.array(z.object({ below: z.number().nullable(), above: z.number().nullable() })),
    }),
  ),
});

/**
 * Writes what was found in a run, and the few slices that its figures show, into a folder. Who comes second waits:
 * results and pictures of two collections never stand side by side.
 *
 * @throws InputError if the folder cannot be written.
 */
export async function writeResults(
  folder: string,
  results: StudyResults,
  pictures: StudyPictures,
): Promise<void> {
  makeFolder(folder);
  await withLock(join(folder, LOCK), () => {
    replacePictures(folder, pictures);
    writeRunMeasures(join(folder, MEASURES_FILE), runMeasures(results));
    // Last: a folder with results is whole.
    writeJsonAtomic(join(folder, RESULTS_FILE), results);
    return Promise.resolve();
  });
}

/** Writes the pictures aside, then puts them in the place of the old ones; the lock is held. */
function replacePictures(folder: string, pictures: StudyPictures): void {
  // What a killed process has left aside.
  for (const name of readdirSync(folder))
    if (name.startsWith(ASIDE)) rmSync(join(folder, name), { recursive: true, force: true });
  const aside = join(folder, `${ASIDE}${process.pid}`);
  writePictures(aside, pictures);
  try {
    rmSync(join(folder, PICTURES), { recursive: true, force: true });
    renameSync(aside, join(folder, PICTURES));
  } catch (error) {
    throw explainFileError(folder, error);
  }
}

function writePictures(folder: string, { real, generators, overlays, pairs }: StudyPictures): void {
  makeFolder(folder);
  const write = (name: string, set: SliceSet): void => {
    writeSliceSet(join(folder, `${name}.safetensors`), set);
  };
  if (real !== null) write("real", real);
  for (const { generator, slices } of generators) write(generator, slices);
  if (overlays !== null) {
    write("overlays", overlays.set);
    writePredictions(join(folder, PREDICTIONS), overlays);
  }
  pairs.forEach(({ synthetic, training }, i) => {
    write(`pairs-${i}-synthetic`, synthetic);
    write(`pairs-${i}-training`, training);
  });
  writeJsonAtomic(join(folder, INDEX), {
    real: real !== null,
    generators: generators.map(({ generator }) => generator),
    overlays: overlays?.predictions.map(({ cell }) => cell) ?? null,
    pairs: pairs.map(({ cell, sequence, extent, r, neighbours }) => ({
      cell,
      sequence,
      extent,
      r,
      neighbours,
    })),
  });
}

/** Where the measures of a profile stand that came with this version; not every profile has them. */
export function referenceMeasures(profile: string): string {
  return join(PROJECT_ROOT, "data-manifests", "measures", `${profile}.json`);
}

/** Whether a folder holds results. */
export function hasResults(folder: string): boolean {
  return existsSync(join(folder, RESULTS_FILE));
}

/**
 * Reads what was found in a run.
 *
 * @throws InputError if there is nothing, or it is of another version of the program.
 */
export function readResults(folder: string): StudyResults {
  return readJson(join(folder, RESULTS_FILE), studyResultsSchema, "of this version", REMEDY);
}

/**
 * Reads the slices that the figures of a run show.
 *
 * @throws InputError if they are missing or damaged.
 */
export function readPictures(folder: string): StudyPictures {
  const pictureFolder = join(folder, PICTURES);
  const { real, generators, overlays, pairs } = readJson(
    join(pictureFolder, INDEX),
    indexSchema,
    "of this version",
    REMEDY,
  );
  const read = (name: string): SliceSet => readSliceSet(join(pictureFolder, `${name}.safetensors`));
  return {
    real: real ? read("real") : null,
    generators: generators.map((generator) => ({ generator, slices: read(generator) })),
    overlays:
      overlays === null
        ? null
        : { set: read("overlays"), predictions: readPredictions(join(pictureFolder, PREDICTIONS), overlays) },
    pairs: pairs.map((pair, i) => ({
      ...pair,
      synthetic: read(`pairs-${i}-synthetic`),
      training: read(`pairs-${i}-training`),
    })),
  };
}

type Predictions = NonNullable<StudyPictures["overlays"]>["predictions"];

function writePredictions(path: string, { set, predictions }: NonNullable<StudyPictures["overlays"]>): void {
  const shape = [set.count, set.size, set.size];
  writeSafetensors(path, {
    tensors: new Map(
      predictions.map(({ classes }, i) => [String(i), { dtype: "U8" as const, shape, bytes: classes }]),
    ),
    metadata: {},
  });
}

function readPredictions(path: string, cells: readonly Predictions[number]["cell"][]): Predictions {
  const { tensors } = readSafetensors(path);
  return cells.map((cell, i) => {
    const bytes = tensors.get(String(i))?.bytes;
    if (bytes === undefined) throw new InputError(path, `holds no prediction ${i}`);
    return { cell, classes: bytes };
  });
}
