const { existsSync } = require("node:fs");
const { createHash } = require("node:crypto");
const { join } = require("node:path");
const { addonKey, ensureAddon } = require("./addon");
const {
  isStaged,
  readBackendState,
  removeBackendState,
  wasmWarning,
  writeBackendState,
} = require("./backend-state");
const { readManifest } = require("./manifest");
const { firstLine, lastLines, runProgram } = require("./run-program");
const { SetupError } = require("./setup-error");
const { stage } = require("./stage");
const { ensureWheelFiles } = require("./wheel-files");

const OLDEST_GLIBC = 2.27;

/**
 * @typedef {object} NativeOptions
 * @property {string} cache
 * @property {import("./progress").Progress} progress
 */

/**
 * Makes native TensorFlow work in this clone, or notes why it does not.
 *
 * @param {NativeOptions} options
 * @returns {Promise<{ backend: "tensorflow" | "wasm", offline: boolean }>} `offline`: the package index could
 * not be reached.
 * @throws {SetupError} if SYNTHMR_BACKEND asks for "tensorflow" and it cannot be had.
 */
async function ensureNativeBackend(options) {
  try {
    if (process.env.SYNTHMR_BACKEND === "wasm")
      throw new SetupError("SYNTHMR_BACKEND is set to wasm", "unset SYNTHMR_BACKEND");
    requirePlatform();
    const { backend } = await ensureDevice(options);
    return { backend, offline: false };
  } catch (error) {
    if (!(error instanceof SetupError) || process.env.SYNTHMR_BACKEND === "tensorflow") throw error;
    options.progress.note(`synthmr: warning: ${wasmWarning(error.reason, error.remedy)}`);
    // What was staged before stays: SYNTHMR_BACKEND=wasm is for one run.
    if (process.env.SYNTHMR_BACKEND !== "wasm") writeBackendState(wasmState(error));
    return { backend: "wasm", offline: error.offline };
  }
}

/** @param {NativeOptions} options */
async function ensureDevice(options) {
  const device = wantedDevice();
  try {
    return await stageAndCheck(device, options);
  } catch (error) {
    if (device === "cpu" || process.env.SYNTHMR_DEVICE || !(error instanceof SetupError)) throw error;
    options.progress.note(
      `synthmr: warning: the GPU is not used (${error.reason}). To mend: ${error.remedy}`,
    );
    return stageAndCheck("cpu", options);
  }
}

/**
 * @param {"cpu" | "gpu"} device
 * @param {NativeOptions} options
 */
async function stageAndCheck(device, options) {
  const manifest = readManifest(device === "gpu" ? "tensorflow-gpu" : "tensorflow-cpu");
  const libraries = await ensureWheelFiles(manifest, options);
  const key = stagedKey(libraries);
  const before = readBackendState();
  // A compiler that is gone, or another, does not matter to what is built already.
  if (before !== undefined && before.key === key && isStaged(before)) return before;

  const addon = await ensureAddon(libraries, manifest.folder, options);
  options.progress.work(`native TensorFlow ${manifest.version} (${device}): stage and check`);
  removeBackendState();
  const files = stage(libraries, addon);
  const check = await checkNative();
  /** @type {import("./backend-state").BackendState} */
  const state = {
    backend: "tensorflow",
    device: check.gpu ? "gpu" : "cpu",
    tensorflowVersion: check.version,
    key,
    files,
    reason: null,
    remedy: null,
  };
  writeBackendState(state);
  return state;
}

/**
 * What a staged backend was made of and checked with, as a short hash.
 *
 * @param {string} libraries
 */
function stagedKey(libraries) {
  const parts = [libraries, addonKey(), process.version, process.arch];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

/**
 * @param {SetupError} error
 * @returns {import("./backend-state").BackendState}
 */
function wasmState({ reason, remedy }) {
  return { backend: "wasm", device: "cpu", tensorflowVersion: null, key: "", files: [], reason, remedy };
}

/** The wheels are for Linux on x86-64 with the GNU C library. */
function requirePlatform() {
  const remedy = "run on Linux x86-64 (a container or WSL will do)";
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new SetupError(`there is no pinned libtensorflow for ${process.platform} ${process.arch}`, remedy);
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (
    /** @type {unknown} */ (process.report.getReport())
  );
  const [major = 0, minor = 0] = (report.header.glibcVersionRuntime ?? "0.0").split(".").map(Number);
  if (major + minor / 100 < OLDEST_GLIBC)
    throw new SetupError(`libtensorflow needs the GNU C library ${OLDEST_GLIBC} or later`, remedy);
}

/**
 * @returns {"cpu" | "gpu"} `$SYNTHMR_DEVICE` where it is set, else the GPU where an NVIDIA driver answers.
 * @throws {SetupError} if the variable has another value.
 */
function wantedDevice() {
  const asked = process.env.SYNTHMR_DEVICE ?? "";
  if (asked === "cpu" || asked === "gpu") return asked;
  if (asked !== "") throw new SetupError(`SYNTHMR_DEVICE is "${asked}"`, "set it to cpu or gpu");
  return existsSync("/proc/driver/nvidia/version") && firstLine(["nvidia-smi", "-L"])?.startsWith("GPU ")
    ? "gpu"
    : "cpu";
}

/** Loads the staged backend in a process of its own and computes something with it. */
async function checkNative() {
  const { code, signal, output } = await runProgram([process.execPath, join(__dirname, "check-native.js")], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "2" },
  });
  const last =
    output
      .split("\n")
      .filter((line) => line.startsWith('{"right"'))
      .at(-1) ?? "";
  if (code !== 0 || last === "") {
    const why = signal === null ? lastLines(output, 1) : `ended by ${signal}; the processor may lack AVX`;
    throw new SetupError(
      `the staged backend does not load: ${why}`,
      "run `npm run synthmr -- doctor`, and report this as a defect",
    );
  }
  /** @type {import("./check-native").NativeCheck} */
  const check = JSON.parse(last);
  if (!check.right)
    throw new SetupError(
      "the staged backend computes wrong results",
      "report this as a defect, with the processor's name",
    );
  return check;
}

module.exports = { ensureNativeBackend, requirePlatform, wantedDevice };
