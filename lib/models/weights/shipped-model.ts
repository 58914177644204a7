import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { explainFileError, InputError } from "../../errors";
import { sha256 } from "../../storage/content-hash";
import { PROJECT_ROOT } from "../../storage/project-root";

/** Where the models that come with the project stand, one folder each. */
export const ZOO = join(PROJECT_ROOT, "lib", "zoo");

/** What is known of weights that come with the project. */
const cardSchema = z.object({
  /** SHA-256 of the weights file. */
  sha256: z.string(),
  imagesSeen: z.number(),
  trainingSec: z.number(),
  /** SHA-256 of the training slices: memorization is only measured right against these. */
  trainingSlicesSha256: z.string(),
  seed: z.number(),
  command: z.string(),
  commit: z.string(),
});
export type ModelCard = z.infer<typeof cardSchema>;

const logSchema = z.object({
  step: z.number(),
  imagesSeen: z.number(),
  loss: z.number(),
  learningRate: z.number(),
  imagesPerSec: z.number(),
  durationSec: z.number(),
  residentMb: z.number(),
});

export interface ShippedModel {
  readonly card: ModelCard;
  /** Loss over its training. */
  readonly log: readonly z.infer<typeof logSchema>[];
  readonly sha256: string;
  readonly folder: string;
}

/**
 * Reads a model that comes with the project and checks its weights against its card.
 *
 * @param name A folder of the zoo.
 * @param zoo Where the models stand.
 * @throws InputError if a file is missing or damaged.
 */
export function readShippedModel(name: string, zoo = ZOO): ShippedModel {
  const folder = join(zoo, name);
  const card = parse(join(folder, "card.json"), (text) => cardSchema.parse(JSON.parse(text)));
  const log = parse(join(folder, "log.jsonl"), (text) =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => logSchema.parse(JSON.parse(line))),
  );
  const found = sha256(readBytes(shippedWeights(folder)));
  if (found !== card.sha256) throw damaged(shippedWeights(folder), "its checksum is wrong");
  return { card, log, sha256: found, folder };
}

/** The weights file of a shipped model. */
export function shippedWeights(folder: string): string {
  return join(folder, "weights.safetensors");
}

/** What a text file holds; the fault is the file's where it cannot be understood. */
function parse<T>(path: string, read: (text: string) => T): T {
  const text = readBytes(path).toString("utf8");
  try {
    return read(text);
  } catch {
    throw damaged(path, "it cannot be understood");
  }
}

function damaged(path: string, reason: string): InputError {
  return new InputError(path, `is damaged: ${reason}`, "Check the file out again");
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw explainFileError(path, error);
  }
}
