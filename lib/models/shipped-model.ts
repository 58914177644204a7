import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { explainFileError, InputError } from "../errors";
import { sha256 } from "../storage/content-hash";
import { PROJECT_ROOT } from "../storage/project-root";

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
 * @param name A folder of lib/zoo.
 * @throws InputError if a file is missing or damaged.
 */
export function readShippedModel(name: string): ShippedModel {
  const folder = join(PROJECT_ROOT, "lib", "zoo", name);
  const card = cardSchema.parse(JSON.parse(readText(join(folder, "card.json"))));
  const log = readText(join(folder, "log.jsonl"))
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => logSchema.parse(JSON.parse(line)));
  const found = sha256(readBytes(shippedWeights(folder)));
  if (found !== card.sha256)
    throw new InputError(
      shippedWeights(folder),
      "is damaged: its checksum is wrong",
      "Check the file out again",
    );
  return { card, log, sha256: found, folder };
}

/** The weights file of a shipped model. */
export function shippedWeights(folder: string): string {
  return join(folder, "weights.safetensors");
}

function readText(path: string): string {
  return readBytes(path).toString("utf8");
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw explainFileError(path, error);
  }
}
