const { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statfsSync, statSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { matchesRecord, recordOf, writeRecord } = require("./file-record");
const { withLock } = require("../storage/lock");
const { SetupError } = require("./setup-error");
const { downloadWheel } = require("./wheel-download");
const { listZip, unpackEntry } = require("./zip");

const PART_LIFE_MS = 6 * 3600 * 1000;

/**
 * @typedef {object} WheelFilesOptions
 * @property {string} cache The cache folder.
 * @property {import("./progress").Progress} progress
 * @property {typeof downloadWheel} [download] Another way to get a wheel; tests give one.
 */

/**
 * The files of a manifest, in the user's cache: found there and verified, or else downloaded, verified and
 * put there in one move, so that an interrupted set-up leaves nothing half done and two at once do no harm.
 *
 * @param {import("./manifest").Manifest} manifest
 * @param {WheelFilesOptions} options
 * @returns {Promise<string>} The folder that holds them.
 * @throws {SetupError} if they cannot be had.
 */
async function ensureWheelFiles(manifest, options) {
  const folder = join(options.cache, manifest.folder);
  if (await isVerified(manifest, folder)) return folder;
  await withLock(
    join(options.cache, "locks", manifest.folder),
    async () => {
      // The other set-up may have done it.
      if (!(await isVerified(manifest, folder))) await fetchFiles(manifest, folder, options);
    },
    (owner) =>
      options.progress.note(`  waiting for another set-up (process ${owner}) that gets ${manifest.name}`),
  );
  return folder;
}

/**
 * Whether the folder holds every file of a manifest, as pinned; files that only their wheel's hash covers, as
 * they were unpacked.
 *
 * @param {import("./manifest").Manifest} manifest
 * @param {string} folder
 * @returns {Promise<boolean>}
 */
async function isVerified({ wheels }, folder) {
  /** @type {Record<string, string>} */
  const pinned = {};
  const needed = wheels.flatMap((wheel) => (wheel.files ?? []).map(({ to }) => to));
  for (const { to, sha256 } of wheels.flatMap((wheel) => wheel.files ?? []))
    if (sha256 !== undefined) pinned[to] = sha256;
  return matchesRecord(folder, needed, pinned);
}

/**
 * @param {import("./manifest").Manifest} manifest
 * @param {string} folder
 * @param {WheelFilesOptions} options
 */
async function fetchFiles(manifest, folder, { cache, progress, download = downloadWheel }) {
  const parts = join(cache, "parts");
  makeFolder(parts);
  removeOldParts(parts);
  requireSpace(manifest, cache);
  const part = mkdtempSync(join(parts, "part-"));
  const clean = () => rmSync(part, { recursive: true, force: true });
  process.on("exit", clean);
  try {
    const made = join(part, "files");
    /** @type {Record<string, import("./file-record").FileRecord>} */
    const record = {};
    for (const [i, wheel] of manifest.wheels.entries()) {
      const holder = join(part, `wheel-${i}`);
      mkdirSync(holder);
      const total = wheel.sizeBytes ?? 0;
      progress.work(`${manifest.name} ${manifest.version}: download ${wheel.package} ${wheel.version}`);
      const path = await download(wheel, holder, (done) => progress.update(done, total, "MB"));
      Object.assign(record, await unpackWheel(wheel, path, made, manifest, progress));
      rmSync(holder, { recursive: true });
    }
    writeRecord(made, record);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(dirname(folder), { recursive: true });
    renameSync(made, folder);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOSPC")
      throw new SetupError(`${cache}: no space left on the disk`, "free some space or set SYNTHMR_CACHE");
    throw error;
  } finally {
    process.off("exit", clean);
    clean();
  }
}

/**
 * @param {import("./manifest").Wheel} wheel
 * @param {string} path
 * @param {string} target
 * @param {import("./manifest").Manifest} manifest
 * @param {import("./progress").Progress} progress
 */
async function unpackWheel(wheel, path, target, manifest, progress) {
  progress.work(`${manifest.name} ${manifest.version}: unpack`);
  const entries = await listZip(path);
  /** @type {Record<string, import("./file-record").FileRecord>} */
  const record = {};
  const wanted = [...(wheel.files ?? []), ...folderFiles(wheel, entries)];
  const total = wanted.reduce((sum, { path: name }) => sum + (entries.get(name)?.sizeBytes ?? 0), 0);
  let done = 0;
  for (const { path: name, to, sha256 } of wanted) {
    const entry = entries.get(name);
    if (entry === undefined)
      throw new SetupError(
        `${wheel.package} ${wheel.version} has no file ${name}`,
        "report this as a defect",
      );
    const found = await unpackEntry(path, entry, join(target, to), (bytes) =>
      progress.update((done += bytes), total, "MB"),
    );
    if (sha256 !== undefined && found !== sha256)
      throw new SetupError(
        `${name} in ${wheel.package} ${wheel.version} is not the pinned file`,
        "report this as a defect",
      );
    record[to] = recordOf(join(target, to), found);
  }
  return record;
}

/**
 * @param {import("./manifest").Wheel} wheel
 * @param {Map<string, import("./zip").ZipEntry>} entries
 * @returns {{ path: string, to: string, sha256?: string }[]}
 */
function folderFiles(wheel, entries) {
  const inside = (/** @type {string} */ name) =>
    (wheel.folders ?? []).some((folder) => name.startsWith(`${folder}/`));
  return [...entries.keys()]
    .filter((name) => inside(name) && !name.endsWith("/"))
    .map((name) => ({ path: name, to: name }));
}

/** @param {string} folder */
function makeFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    throw new SetupError(
      `${folder}: the cache folder cannot be made (${code})`,
      "set SYNTHMR_CACHE to a folder you can write",
    );
  }
}

/**
 * @param {import("./manifest").Manifest} manifest
 * @param {string} cache
 */
function requireSpace(manifest, cache) {
  // pip writes a wheel twice, in its temporary folder and in its place.
  const largest = Math.max(...manifest.wheels.map((wheel) => wheel.sizeBytes ?? 0));
  const needed = manifest.unpackedBytes + 2 * largest;
  const { bavail, bsize } = statfsSync(cache);
  const megabytes = (/** @type {number} */ bytes) => `${Math.ceil(bytes / 2 ** 20)} MB`;
  if (bavail * bsize < needed)
    throw new SetupError(
      `${cache}: ${manifest.name} needs ${megabytes(needed)} of free disk, found ${megabytes(bavail * bsize)}`,
      "free some space or set SYNTHMR_CACHE to another disk",
    );
}

/**
 * What a set-up that was killed left behind.
 *
 * @param {string} parts
 */
function removeOldParts(parts) {
  for (const name of readdirSync(parts)) {
    const path = join(parts, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > PART_LIFE_MS) rmSync(path, { recursive: true, force: true });
  }
}

module.exports = { ensureWheelFiles, isVerified };
