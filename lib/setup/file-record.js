const { createHash } = require("node:crypto");
const {
  createReadStream,
  existsSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} = require("node:fs");
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
 * Whether a folder holds files as they were recorded, and those that are pinned, as pinned. A file is hashed
 * again only if its size, time or inode is not the one noted when it was hashed last.
 *
 * @param {string} folder
 * @param {readonly string[]} needed Paths that the record must have; without any, it must have one at all.
 * @param {Readonly<Record<string, string>>} [pinned] SHA-256 by path, which counts more than the record.
 * @returns {Promise<boolean>}
 */
async function matchesRecord(folder, needed, pinned = {}) {
  const noted = readRecord(folder);
  const record = noted ?? {};
  if (needed.some((path) => record[path] === undefined && pinned[path] === undefined)) return false;
  const paths = new Set([...Object.keys(record), ...Object.keys(pinned)]);
  if (paths.size === 0) return false;
  let changed = false;
  for (const path of paths) {
    const sha256 = pinned[path] ?? record[path]?.sha256 ?? "";
    const file = join(folder, path);
    if (!existsSync(file)) return false;
    const now = recordOf(file, sha256);
    if (JSON.stringify(record[path]) === JSON.stringify(now)) continue;
    if ((await sha256OfFile(file)) !== sha256) return false;
    record[path] = now;
    changed = true;
  }
  if (changed) writeRecord(folder, record);
  return true;
}

/**
 * @param {string} path
 * @returns {Promise<string>} In hexadecimal.
 */
async function sha256OfFile(path) {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk);
  return hash.digest("hex");
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

module.exports = { matchesRecord, recordOf, replaceFile, sha256OfFile, writeRecord };
