import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { explainFileError, InputError } from "../errors";
import { sha256 } from "../storage/content-hash";
import { PROJECT_ROOT } from "../storage/project-root";
import { cardSchema, type ModelCard } from "./model-card";

/** Where the models that come with the project stand, one folder each: `<generator>-<size>`. */
export const ZOO = join(PROJECT_ROOT, "lib", "zoo");

const CARD = "card.json";
const LOG = "log.jsonl";

const logSchema = z.object({
  step: z.number(),
  imagesSeen: z.number(),
  loss: z.number(),
  learningRate: z.number(),
  imagesPerSec: z.number(),
  durationSec: z.number(),
  residentMb: z.number(),
  /** What a recipe tells besides: the losses of the phases of a GAN. */
  details: z.record(z.string(), z.number().nullable()).optional(),
});

export interface ShippedModel {
  readonly card: ModelCard;
  /** Loss over its training. */
  readonly log: readonly z.infer<typeof logSchema>[];
  readonly sha256: string;
  readonly folder: string;
}

/** The names of the models that come with the project. */
export function zooNames(zoo = ZOO): readonly string[] {
  return readdirSync(zoo)
    .filter((name) => existsSync(join(zoo, name, CARD)))
    .sort();
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
  const card = readCard(name, zoo);
  const log = parse(join(folder, LOG), (text) =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => logSchema.parse(JSON.parse(line))),
  );
  const weights = shippedWeights(name, zoo);
  const found = sha256(readBytes(weights));
  if (found !== card.sha256) throw damaged(weights, "its checksum is wrong");
  return { card, log, sha256: found, folder };
}

/** What is known of a model. @throws InputError as readShippedModel; its weights are not looked at. */
export function readCard(name: string, zoo = ZOO): ModelCard {
  return parse(join(zoo, name, CARD), (text) => cardSchema.parse(JSON.parse(text)));
}

/** The weights file of a shipped model. */
export function shippedWeights(name: string, zoo = ZOO): string {
  return join(zoo, name, "weights.safetensors");
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
