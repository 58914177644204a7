const { mkdirSync, readFileSync, rmSync, statSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { replaceFile } = require("./file-record");
const { MODULES } = require("./project");

const PATH = join(MODULES, ".cache", "synthmr", "backend.json");

/**
 * What the set-up found out about the native backend; it stands in node_modules, whose renewal undoes it.
 *
 * @typedef {object} BackendState
 * @property {"tensorflow" | "wasm"} backend Which one works here.
 * @property {"cpu" | "gpu"} device
 * @property {string | null} tensorflowVersion
 * @property {string} key What was staged and checked, with which Node; it differs where that must be redone.
 * @property {readonly { path: string, sizeBytes: number }[]} files The staged files.
 * @property {string | null} reason Why the backend is wasm.
 * @property {string | null} remedy The line that mends it.
 */

/** @returns {BackendState | undefined} Undefined before the first set-up. */
function readBackendState() {
  try {
    return JSON.parse(readFileSync(PATH, "utf8"));
  } catch {
    return undefined;
  }
}

/** @param {BackendState} state */
function writeBackendState(state) {
  mkdirSync(dirname(PATH), { recursive: true });
  replaceFile(PATH, `${JSON.stringify(state, null, 2)}\n`);
}

function removeBackendState() {
  rmSync(PATH, { force: true });
}

/**
 * A cheap look, for the start of every run; the hashes are the set-up's business.
 *
 * @param {BackendState} state
 * @returns {boolean} Whether the staged files are there at their full size.
 */
function isStaged(state) {
  return (
    state.backend === "tensorflow" &&
    state.files.every(({ path, sizeBytes }) => statSync(path, { throwIfNoEntry: false })?.size === sizeBytes)
  );
}

/**
 * @param {string} reason
 * @param {string} remedy
 * @returns {string} The one warning of a run that goes without native TensorFlow.
 */
function wasmWarning(reason, remedy) {
  return `native TensorFlow is not available (${reason}): using the wasm backend, which is slower. To mend: ${remedy}`;
}

module.exports = { readBackendState, writeBackendState, removeBackendState, isStaged, wasmWarning };
