import { existsSync, statSync } from "node:fs";
import { InputError } from "../errors";
import { openPrepared } from "./prepared-folder";
import { ShardedSlices, type SliceSource } from "./sharded-slices";
import { readSliceSet, selectSubjects } from "./slice-set";
import type { Split } from "./split";

/**
 * Slices as a command is given them: one file, read into memory, or a prepared folder, left on the disk.
 *
 * @param size Which ones, where a folder holds several.
 * @throws InputError if there is neither.
 */
export function openSlices(path: string, size: number): SliceSource {
  return existsSync(path) && statSync(path).isDirectory() ? openPrepared(path, size) : readSliceSet(path);
}

/**
 * The slices of a split's first training subjects, in the order of the slices.
 *
 * @param subjects How many of them; default: all.
 * @throws InputError if the split has fewer, or one of them has no slice.
 */
export function trainingSlices(
  slices: SliceSource,
  { name, train }: Pick<Split, "name" | "train">,
  subjects = train.length,
): SliceSource {
  if (subjects > train.length)
    throw new InputError(
      `split ${name}`,
      `has ${train.length} training subjects, ${subjects} were asked for`,
    );
  const ids = train.slice(0, subjects);
  return slices instanceof ShardedSlices ? slices.selectSubjects(ids) : selectSubjects(slices, ids);
}
