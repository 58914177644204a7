import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** A file that is still being written was touched less long ago than this, even where its process is not seen. */
const QUIET_MS = 5_000;

/** Files left aside by processes that were killed while they wrote, by folder; looked for once a process. */
const leftBehind = new Map<string, readonly string[]>();

/** Where this process writes a file before it takes its place: `<path>.<process id>.part`. */
export function partPath(path: string): string {
  return `${path}.${process.pid}.part`;
}

/**
 * Removes what killed processes left of some files of a folder.
 *
 * @param isTarget Whether a file of that name is meant.
 */
export function removeStaleParts(folder: string, isTarget: (name: string) => boolean): void {
  let parts = leftBehind.get(folder);
  // Listing a folder at each write would take longer than the write where it holds thousands of files.
  if (parts === undefined) leftBehind.set(folder, (parts = staleParts(folder)));
  for (const part of parts) if (isTarget(targetOf(part))) remove(join(folder, part));
}

/** Names of the files in a folder that no living process writes. */
function staleParts(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => {
    const writer = Number(/\.(\d+)\.part$/.exec(name)?.[1] ?? Number.NaN);
    return !Number.isNaN(writer) && !isAlive(writer) && isQuiet(join(folder, name));
  });
}

function targetOf(part: string): string {
  return part.replace(/\.\d+\.part$/, "");
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // A process of another user may not be signalled, but it lives.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** The folder may be shared with other machines, whose processes cannot be seen from here. */
function isQuiet(path: string): boolean {
  try {
    return Date.now() - statSync(path).mtimeMs > QUIET_MS;
  } catch {
    return false;
  }
}

/** Removes a file that is in nobody's way; a failure to do so is no failure of what is written. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The folder may have become read-only, which the write itself reports.
  }
}
