const { readFileSync, renameSync, statSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const NAME = ".verified.json";

/**
 * What was seen of a file when its hash was last taken. Content cannot change without `ctimeMs` changing.
 *
 * @typedef {object} FileRecord
 * @property {string} sha256
 * @property {number} sizeBytes
 * @property {number} mtimeMs
 * @property {number} ctimeMs
 * @property {number} inode
 */

/**
 * @param {string} path
 * @param {string} sha256
 * @returns {FileRecord}
 */
function recordOf(path, sha256) {
  const { size, mtimeMs, ctimeMs, ino } = statSync(path);
  return { sha256, sizeBytes: size, mtimeMs, ctimeMs, inode: ino };
}

/**
 * @param {string} folder
 * @returns {Record<string, FileRecord> | undefined} By path inside the folder; undefined where there is none.
 */
function readRecord(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, NAME), "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} folder
 * @param {Record<string, FileRecord>} record
 */
function writeRecord(folder, record) {
  replaceFile(join(folder, NAME), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * Writes a small file whole or not at all.
 *
 * @param {string} path
 * @param {string} text
 */
function replaceFile(path, text) {
  const aside = `${path}.${process.pid}.part`;
  writeFileSync(aside, text);
  renameSync(aside, path);
}

module.exports = { recordOf, readRecord, writeRecord, replaceFile };
