const { createWriteStream, createReadStream, mkdirSync, rmSync, writeFileSync } = require("node:fs");
const { open } = require("node:fs/promises");
const { createHash } = require("node:crypto");
const { dirname } = require("node:path");
const { PassThrough, Transform } = require("node:stream");
const { pipeline } = require("node:stream/promises");
const zlib = require("node:zlib");
const { crc32 } = require("./crc32");

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_LENGTH = 22;
const LONGEST_COMMENT = 0xffff;
const [STORED, DEFLATED] = [0, 8];
const LINK_MODE = 0o120000;
const NEEDS_ZIP64 = 0xffffffff;

/**
 * One file in a zip archive.
 *
 * @typedef {object} ZipEntry
 * @property {string} name Its path, with `/`.
 * @property {number} method 0 stored, 8 deflated.
 * @property {number} crc
 * @property {number} compressedBytes
 * @property {number} sizeBytes
 * @property {number} localOffset Where its local header begins.
 */

/**
 * Lists a zip archive (a Python wheel is one) from its central directory.
 *
 * @param {string} path
 * @returns {Promise<Map<string, ZipEntry>>} By name.
 * @throws {Error} if the archive is truncated, needs zip64, or holds a name that leaves its folder.
 * @see PKWARE APPNOTE 6.3.10, sections 4.3.12 and 4.3.16.
 */
async function listZip(path) {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const tail = await readAt(file, path, Math.max(0, size - END_LENGTH - LONGEST_COMMENT), size);
    const end = findEnd(tail, path);
    const [count, length, offset] = [
      tail.readUInt16LE(end + 10),
      tail.readUInt32LE(end + 12),
      tail.readUInt32LE(end + 16),
    ];
    if (offset === NEEDS_ZIP64 || count === 0xffff)
      throw new Error(`${path}: zip64 archives are not supported`);
    if (offset + length > size) throw new Error(`${path}: truncated zip archive`);
    return parseDirectory(await readAt(file, path, offset, offset + length), count, path);
  } finally {
    await file.close();
  }
}

/**
 * Unpacks one file of an archive. The bytes are checked on the way: their number, their CRC-32 (which also
 * finds damage where no other hash is known), and their SHA-256, which is returned.
 *
 * @param {string} path The archive.
 * @param {ZipEntry} entry
 * @param {string} target The file to write; removed again if the entry is damaged.
 * @param {(bytes: number) => void} [onBytes] Told the size of every piece written.
 * @returns {Promise<string>} SHA-256 of the file, in hexadecimal.
 */
async function unpackEntry(path, entry, target, onBytes = () => undefined) {
  const start = await dataOffset(path, entry);
  const hash = createHash("sha256");
  let [written, crc] = [0, 0];
  const check = new Transform({
    /** @param {Buffer} chunk */
    transform(chunk, _encoding, done) {
      written += chunk.length;
      crc = crc32(chunk, crc);
      hash.update(chunk);
      onBytes(chunk.length);
      done(
        written > entry.sizeBytes ? new Error(`${path}: ${entry.name} is longer than it says`) : null,
        chunk,
      );
    },
  });
  mkdirSync(dirname(target), { recursive: true });
  try {
    if (entry.compressedBytes === 0) writeFileSync(target, "");
    else {
      const end = start + entry.compressedBytes - 1;
      const source = createReadStream(path, { start, end, highWaterMark: 2 ** 20 });
      const unpacked =
        entry.method === STORED ? new PassThrough() : zlib.createInflateRaw({ chunkSize: 2 ** 20 });
      await pipeline(source, unpacked, check, createWriteStream(target));
    }
    if (written !== entry.sizeBytes) throw new Error(`${path}: ${entry.name} is truncated`);
    if (crc !== entry.crc) throw new Error(`${path}: ${entry.name} is damaged (wrong CRC-32)`);
    return hash.digest("hex");
  } catch (error) {
    rmSync(target, { force: true });
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code?.startsWith("Z_")) throw new Error(`${path}: ${entry.name} is damaged (${code})`);
    throw error;
  }
}

/**
 * Reads one file of an archive into memory, checked as `unpackEntry` checks it.
 *
 * @param {string} path The archive.
 * @param {ZipEntry} entry
 * @returns {Promise<Buffer>}
 */
async function readEntry(path, entry) {
  const start = await dataOffset(path, entry);
  const file = await open(path, "r");
  try {
    const packed = await readAt(file, path, start, start + entry.compressedBytes);
    const bytes =
      entry.method === STORED
        ? packed
        : zlib.inflateRawSync(packed, { maxOutputLength: entry.sizeBytes + 1 });
    if (bytes.length !== entry.sizeBytes || crc32(bytes) !== entry.crc)
      throw new Error(`${path}: ${entry.name} is damaged (wrong size or CRC-32)`);
    return bytes;
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code?.startsWith("Z_") || code === "ERR_BUFFER_TOO_LARGE")
      throw new Error(`${path}: ${entry.name} is damaged (${code})`);
    throw error;
  } finally {
    await file.close();
  }
}

/**
 * @param {import("node:fs/promises").FileHandle} file
 * @param {string} path
 * @param {number} start
 * @param {number} end
 */
async function readAt(file, path, start, end) {
  const bytes = Buffer.alloc(end - start);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
  if (bytesRead !== bytes.length) throw new Error(`${path}: truncated zip archive`);
  return bytes;
}

/**
 * @param {Buffer} tail
 * @param {string} path
 */
function findEnd(tail, path) {
  for (let at = tail.length - END_LENGTH; at >= 0; at--)
    if (tail.readUInt32LE(at) === END_SIGNATURE) return at;
  throw new Error(`${path}: not a zip archive, or truncated`);
}

/**
 * @param {Buffer} directory
 * @param {number} count
 * @param {string} path
 */
function parseDirectory(directory, count, path) {
  /** @type {Map<string, ZipEntry>} */
  const entries = new Map();
  for (let at = 0, i = 0; i < count; i++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== ENTRY_SIGNATURE)
      throw new Error(`${path}: damaged zip directory`);
    const nameLength = directory.readUInt16LE(at + 28);
    const name = directory.toString("utf8", at + 46, at + 46 + nameLength);
    const mode = directory.readUInt32LE(at + 38) >>> 16;
    if (leavesFolder(name) || (mode & 0o170000) === LINK_MODE)
      throw new Error(`${path}: refused, because the entry "${name}" leads outside its folder`);
    const entry = {
      name,
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      compressedBytes: directory.readUInt32LE(at + 20),
      sizeBytes: directory.readUInt32LE(at + 24),
      localOffset: directory.readUInt32LE(at + 42),
    };
    if (entry.method !== STORED && entry.method !== DEFLATED)
      throw new Error(`${path}: ${name} is packed by an unknown method (${entry.method})`);
    if (Math.max(entry.sizeBytes, entry.compressedBytes, entry.localOffset) === NEEDS_ZIP64)
      throw new Error(`${path}: zip64 archives are not supported`);
    entries.set(name, entry);
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

/** @param {string} name */
function leavesFolder(name) {
  return (
    name.startsWith("/") ||
    name.includes("\\") ||
    name.includes("\0") ||
    /^[A-Za-z]:/.test(name) ||
    name.split("/").includes("..")
  );
}

/**
 * @param {string} path
 * @param {ZipEntry} entry
 */
async function dataOffset(path, entry) {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (entry.localOffset + 30 > size) throw new Error(`${path}: truncated zip archive`);
    const header = await readAt(file, path, entry.localOffset, entry.localOffset + 30);
    if (header.readUInt32LE(0) !== LOCAL_SIGNATURE)
      throw new Error(`${path}: ${entry.name} is not where the directory says`);
    const start = entry.localOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    if (start + entry.compressedBytes > size) throw new Error(`${path}: truncated zip archive`);
    return start;
  } finally {
    await file.close();
  }
}

module.exports = { listZip, readEntry, unpackEntry };
