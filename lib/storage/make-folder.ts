import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { explainFileError, InputError } from "../errors";

/**
 * Makes a folder and those above it, or says why not.
 *
 * @throws InputError if it is a file, or its place cannot be written.
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw new InputError(folder, "is a file, expected a folder");
    throw explainFileError(folder, codeOf(error) === "ENOENT" ? reasonOf(folder, error) : error);
  }
}

/**
 * Node reports ENOENT where a recursive mkdir meets a read-only file system; making the topmost missing
 * folder alone gives the true reason.
 */
function reasonOf(folder: string, reported: unknown): unknown {
  let missing = folder;
  while (!existsSync(dirname(missing)) && dirname(missing) !== missing) missing = dirname(missing);
  try {
    mkdirSync(missing);
    return reported;
  } catch (error) {
    return error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
