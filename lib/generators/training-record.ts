import { join } from "node:path";
import { z } from "zod";
import { writeJsonAtomic } from "../storage/atomic-write";
import { readJson } from "../storage/json-file";
import { GENERATOR_NAMES } from "./generator-config";

const FILE = "training.json";

/** What a generator was trained on. */
export const trainingData = z.object({
  source: z.string(),
  simulated: z.boolean(),
  slices: z.number(),
  subjects: z.number(),
  /** Of the pixels of all slices, in order: memorization is only measured right against these. */
  sha256: z.string(),
});

/** What a finished training says of itself, beside its weights. */
const schema = z.object({
  generator: z.enum(GENERATOR_NAMES),
  /** Height and width of the images. */
  size: z.number(),
  /** Trained values of the network that makes the images, and of the one that it was trained against. */
  parameters: z.object({ generator: z.number(), discriminator: z.number().nullable() }),
  data: trainingData,
  imagesSeen: z.number(),
  trainingSec: z.number(),
  /** Largest resident memory that the log tells of, bytes. */
  peakMemoryBytes: z.number(),
  seed: z.number(),
  command: z.string(),
  commit: z.string(),
  /** SHA-256 of the weights file. */
  weightsSha256: z.string(),
  /** The generator's settings, whole. */
  config: z.record(z.string(), z.unknown()),
});
export type TrainingRecord = z.infer<typeof schema>;

export function writeTrainingRecord(folder: string, record: TrainingRecord): void {
  writeJsonAtomic(join(folder, FILE), record);
}

/** @throws InputError if the folder is not that of a finished training. */
export function readTrainingRecord(folder: string): TrainingRecord {
  return readJson(join(folder, FILE), schema, "the record of a finished training");
}
