import { copyFileSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { explainFileError, InputError } from "../errors";
import { writeFileAtomic, writeJsonAtomic } from "../storage/atomic-write";
import { sha256 } from "../storage/content-hash";
import { makeFolder } from "../storage/make-folder";
import { fromFloat32AsHalf, readSafetensors, toFloat32, writeSafetensors } from "../storage/safetensors";
import { formatModelCard, usualLimits, type ModelCard, type ModelScore } from "./model-card";
import { WEIGHTS_FILE } from "./open-generator";
import { replaceSheets } from "./sample-sheet";
import { readTrainingRecord } from "./training-record";
import { shippedWeights, ZOO } from "./zoo";

export interface ShipOptions {
  /** The folder of a finished training. */
  readonly from: string;
  /** The model's folder in the zoo: `<generator>-<size>`, for other budgets or data with more behind it. */
  readonly name: string;
  readonly scores: readonly ModelScore[];
  /** Said on the card beside what holds of all models. */
  readonly limits: readonly string[];
  /** Default: the project's own. */
  readonly zoo?: string;
}

/** What a model that comes with the project may take at most. */
const LARGEST_BYTES = 4 * 2 ** 20;

/**
 * Puts a trained generator among the models that come with the project: averaged weights in half precision, the card
 * as JSON and as a page, the log of the training and some of its sample sheets.
 *
 * @returns The folder.
 * @throws InputError if the training is not finished, was on patients, or its weights are too large.
 */
export function shipModel({ from, name, scores, limits, zoo = ZOO }: ShipOptions): string {
  const record = readTrainingRecord(from);
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name))
    throw new InputError(name, "is not a plain name", "Choose one such as stylegan2-64");
  if (!record.data.simulated)
    throw new InputError(from, "was trained on patients: such weights are not passed on with the project");
  const folder = join(zoo, name);
  const weights = shippedWeights(name, zoo);
  makeFolder(folder);
  copyAsHalf(join(from, WEIGHTS_FILE), weights, record.weightsSha256);
  try {
    copyFileSync(join(from, "log.jsonl"), join(folder, "log.jsonl"));
    replaceSheets(from, folder);
  } catch (error) {
    throw explainFileError(from, error);
  }
  const { generator, size, data, imagesSeen, trainingSec, seed, command, commit } = record;
  const card: ModelCard = {
    sha256: sha256(readFileSync(weights)),
    ...{ generator, size, data, imagesSeen, trainingSec, seed, command, commit },
    parameters: record.parameters.generator,
    scores: [...scores],
    limits: [...usualLimits(size), ...limits],
  };
  writeJsonAtomic(join(folder, "card.json"), card);
  writeFileAtomic(join(folder, "README.md"), formatModelCard(basename(folder), card));
  return folder;
}

/** Copies a network file with its values in half precision. */
function copyAsHalf(from: string, to: string, expected: string): void {
  if (sha256(readBytes(from)) !== expected)
    throw new InputError(from, "is not the weights file of the training beside it", "Train again");
  const { tensors, metadata } = readSafetensors(from);
  const halves = [...tensors].map(
    ([path, tensor]) => [path, fromFloat32AsHalf(toFloat32(tensor), tensor.shape)] as const,
  );
  const bytes = halves.reduce((sum, [, half]) => sum + half.bytes.byteLength, 0);
  if (bytes > LARGEST_BYTES)
    throw new InputError(
      from,
      `takes ${(bytes / 2 ** 20).toFixed(1)} MB in half precision, at most 4 are shipped`,
    );
  writeSafetensors(to, { tensors: new Map(halves), metadata });
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw explainFileError(path, error);
  }
}
