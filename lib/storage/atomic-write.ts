import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname } from "node:path";
import { explainFileError } from "../errors";
import { makeFolder } from "./make-folder";
import { partPath, removeStaleParts } from "./stale-parts";

/**
 * Writes a file whole or not at all: beside its place, flushed to the disk, then renamed. What a killed
 * process left of the same file is removed.
 *
 * @param path Where the file shall stand; missing folders are made.
 * @param content Its bytes, or the parts of it in order.
 * @throws InputError if the disk is full or the folder cannot be written.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array | readonly Uint8Array[]): void {
  const parts =
    typeof content === "string"
      ? [Buffer.from(content)]
      : content instanceof Uint8Array
        ? [content]
        : content;
  const aside = partPath(path);
  makeFolder(dirname(path));
  try {
    removeStaleParts(dirname(path), (name) => name === basename(path));
    const file = openSync(aside, "w");
    try {
      for (const part of parts) writeAll(file, part);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(aside, path);
  } catch (error) {
    removeQuietly(aside);
    throw explainFileError(path, error);
  }
}

/** Writes a value as indented JSON, atomically. */
export function writeJsonAtomic(path: string, value: unknown): void {
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;)
    written += writeSync(file, bytes, written, bytes.length - written);
}

/** Removes what a failed write left; its own failure must not hide the first one. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The folder itself may be gone or read-only.
  }
}
