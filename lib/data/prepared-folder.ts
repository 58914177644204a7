import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { explainFileError, InputError } from "../errors";
import { writeJsonAtomic } from "../storage/atomic-write";
import { readJson } from "../storage/json-file";
import { alignColumns } from "./align-columns";
import { ShardedSlices } from "./sharded-slices";
import type { ShardSummary } from "./subject-shard";

/** The list of a folder's shards of one size, `slices-<size>.json`: what was prepared, how many slices of each subject. */
const Listing = z.strictObject({
  format: z.literal("synthmr-prepared-1"),
  size: z.int().positive(),
  simulated: z.boolean(),
  source: z.string(),
  slices: z.int().nonnegative(),
  shards: z.array(
    z.strictObject({
      // A name, not a path: nothing outside the folder is ever opened.
      file: z.string().regex(/^[^/\\]+\.safetensors$/),
      subjects: z.array(z.string()),
      slices: z.int().nonnegative(),
      firstZ: z.int().nullable(),
      lastZ: z.int().nullable(),
    }),
  ),
});
export type PreparedListing = z.infer<typeof Listing>;

/** Writes the list of a folder's shards; the last thing that preparing writes. */
export function writeListing(
  folder: string,
  shards: readonly ShardSummary[],
  { size, simulated, source }: Pick<PreparedListing, "size" | "simulated" | "source">,
): PreparedListing {
  const listing: PreparedListing = {
    format: "synthmr-prepared-1",
    size,
    simulated,
    source,
    slices: shards.reduce((sum, { slices }) => sum + slices, 0),
    shards: shards.map(({ path, subjects, slices, firstZ, lastZ }) => ({
      file: basename(path),
      subjects: [...subjects],
      slices,
      firstZ,
      lastZ,
    })),
  };
  writeJsonAtomic(join(folder, `slices-${size}.json`), listing);
  return listing;
}

/**
 * The list of a prepared folder.
 *
 * @param size Which one, where slices of several sizes stand in the folder.
 * @throws InputError if the folder has no list, several, or one that is not whole.
 */
export function readListing(folder: string, size?: number): PreparedListing {
  return readJson(join(folder, listName(folder, size)), Listing, "a list of slices");
}

function listName(folder: string, size: number | undefined): string {
  if (size !== undefined) return `slices-${size}.json`;
  let names: readonly string[];
  try {
    names = readdirSync(folder)
      .filter((name) => /^slices-\d+\.json$/.test(name))
      .sort();
  } catch (error) {
    throw explainFileError(folder, error);
  }
  const [only] = names;
  if (only === undefined)
    throw new InputError(
      folder,
      "holds no prepared slices",
      "Make them with synthmr data prepare or import-images",
    );
  if (names.length > 1) throw new InputError(folder, `holds slices of several sizes (${names.join(", ")})`);
  return only;
}

/**
 * The slices of a prepared folder, left on the disk: `load()` brings them into memory.
 *
 * @throws InputError as readListing, or if a file that the list names is missing or damaged.
 */
export function openPrepared(folder: string, size?: number): ShardedSlices {
  return ShardedSlices.open(readListing(folder, size).shards.map(({ file }) => join(folder, file)));
}

/** How many slices of each subject were kept, as aligned lines. */
export function formatListing({ shards }: PreparedListing): string {
  return alignColumns([
    ["subject", "slices", "first", "last"],
    ...shards.map(({ file, subjects, slices, firstZ, lastZ }) => [
      subjects.length === 1 ? (subjects[0] ?? "") : `${file} (${subjects.length})`,
      String(slices),
      String(firstZ ?? "-"),
      String(lastZ ?? "-"),
    ]),
  ]);
}
