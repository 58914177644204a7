import { existsSync, statSync } from "node:fs";
import { openPrepared } from "./prepared-folder";
import type { SliceSource } from "./sharded-slices";
import { readSliceSet } from "./slice-set";

/**
 * Slices as a command is given them: one file, read into memory, or a prepared folder, left on the disk.
 *
 * @param size Which ones, where a folder holds several.
 * @throws InputError if there is neither.
 */
export function openSlices(path: string, size: number): SliceSource {
  return existsSync(path) && statSync(path).isDirectory() ? openPrepared(path, size) : readSliceSet(path);
}
