import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { PROJECT_ROOT } from "../../storage/project-root";

const schema = z.object({
  name: z.string(),
  note: z.string(),
  ranges: z.array(z.object({ measure: z.string(), low: z.number(), high: z.number() })),
});

/** A smallest and a largest value. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** What is known of public BraTS cases, by the name of the measure. */
export interface PublishedRanges {
  /** How tables and captions call them. */
  readonly name: string;
  readonly note: string;
  readonly ranges: ReadonlyMap<string, Range>;
}

/** Reads `data-manifests/ranges/brats.json`. */
export function readPublishedRanges(): PublishedRanges {
  const path = join(PROJECT_ROOT, "data-manifests", "ranges", "brats.json");
  const { name, note, ranges } = schema.parse(JSON.parse(readFileSync(path, "utf8")));
  return { name, note, ranges: new Map(ranges.map(({ measure, low, high }) => [measure, { low, high }])) };
}
