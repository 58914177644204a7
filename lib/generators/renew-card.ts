import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic, writeJsonAtomic } from "../storage/atomic-write";
import { sha256 } from "../storage/content-hash";
import { rewriteSampling, type GeneratorDescription } from "./generator-file";
import { formatModelCard, type ModelCard, type ModelScore } from "./model-card";
import { openGenerator } from "./open-generator";
import { SHEET_IMAGES, sampleSheet, sheetName, someSheets } from "./sample-sheet";
import { readCard, shippedWeights, ZOO } from "./zoo";

export interface RenewOptions {
  /** The model's folder in the zoo. */
  readonly name: string;
  /** In place of those on the card; default: they stay. */
  readonly scores?: readonly ModelScore[];
  /** How its images are drawn from now on; default: as its file says. */
  readonly sampling?: GeneratorDescription["sampling"];
  /** Default: the project's own. */
  readonly zoo?: string;
}

/** What a card says where no sheet was kept while the model was trained. */
const LAST_SHEET_ONLY =
  "No sample sheets of its training were kept: the one here shows the weights as they are shipped.";

/**
 * Writes the card of a shipped model anew, as JSON and as a page. A model without sample sheets gets one, drawn from
 * its weights, and its card says so. The backend must have been started.
 *
 * @returns The folder.
 * @throws InputError if there is no such model, or it is damaged.
 */
export function renewCard({ name, scores, sampling, zoo = ZOO }: RenewOptions): string {
  const folder = join(zoo, name);
  const before = readCard(name, zoo);
  const weights = shippedWeights(name, zoo);
  if (sampling !== undefined) rewriteSampling(weights, sampling);
  const limits = someSheets(folder).length > 0 ? before.limits : [...before.limits, LAST_SHEET_ONLY];
  if (limits !== before.limits) writeLastSheet(folder, weights, before);
  const hash = sampling === undefined ? before.sha256 : sha256(readFileSync(weights));
  const card: ModelCard = { ...before, sha256: hash, scores: [...(scores ?? before.scores)], limits };
  writeJsonAtomic(join(folder, "card.json"), card);
  writeFileAtomic(join(folder, "README.md"), formatModelCard(name, card));
  return folder;
}

function writeLastSheet(folder: string, weights: string, { imagesSeen }: ModelCard): void {
  // As sheets of a training are: what the network makes, masks in grey.
  const source = openGenerator(weights, { masks: "thresholds", blackBelow: 0 });
  try {
    const images = source.drawBatch(Array.from({ length: SHEET_IMAGES }, (_, seed) => seed));
    writeFileAtomic(join(folder, sheetName(imagesSeen)), sampleSheet(images, source.size));
  } finally {
    source.dispose();
  }
}
