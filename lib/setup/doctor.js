const { readBackendState } = require("./backend-state");
const { askBackend } = require("./doctor-backend");
const { disk, findChromium, findKernel, hasAtlas, project, versions } = require("./doctor-facts");

const SET_UP = "npm run synthmr -- setup";
const CRAMPED_BYTES = 3 * 2 ** 30;

/**
 * Something that is not there.
 *
 * @typedef {object} Missing
 * @property {string} what
 * @property {string} remedy The one line that mends it.
 * @property {boolean} needed Whether commands cannot run without it.
 */

/**
 * `synthmr doctor`: what the project runs on and what is missing. It changes nothing, and works before any
 * set-up.
 *
 * @param {readonly string[]} flags `--json`, `--help`.
 * @returns {Promise<number>} The exit code: 0 if all that is needed is there, 1 if not, 2 for a wrong flag.
 */
async function doctor(flags) {
  const unknown = flags.find((flag) => flag !== "--json" && flag !== "--help" && flag !== "-h");
  if (unknown !== undefined) {
    console.error(`synthmr: doctor: unknown argument ${unknown} (it takes --json and --tune)`);
    return 2;
  }
  if (flags.includes("--help") || flags.includes("-h")) {
    console.log(
      "Usage: synthmr doctor [--json] [--tune]\n\nTell what the project runs on, what is missing and how to mend it.\n--tune  measure threads and precision on this machine, and keep the fastest (a few minutes)",
    );
    return 0;
  }
  const report = await examine();
  console.log(flags.includes("--json") ? JSON.stringify(report, null, 2) : asText(report));
  return report.ok ? 0 : 1;
}

/** Everything that `doctor` tells. */
async function examine() {
  const facts = {
    platform: `${process.platform} ${process.arch}`,
    versions: versions(),
    project: project(),
    backend: await askBackend(),
    disk: disk(),
    atlas: await hasAtlas(),
    chromium: findChromium(),
    kernel: findKernel(),
  };
  const missing = listMissing(facts);
  return { ok: !missing.some(({ needed }) => needed), ...facts, missing };
}

/**
 * @param {Omit<Awaited<ReturnType<typeof examine>>, "ok" | "missing">} facts
 * @returns {Missing[]}
 */
function listMissing({ versions: found, project: parts, backend, disk: room, atlas, chromium, kernel }) {
  /** @type {Missing[]} */
  const missing = [];
  const add = (/** @type {string} */ what, /** @type {string} */ remedy, needed = false) =>
    missing.push({ what, remedy, needed });
  const staged = readBackendState();
  if (!parts.packages) add("npm packages", SET_UP, true);
  if (!parts.library) add("compiled library", SET_UP, true);
  else if (backend.backend === "none") add(`backend: ${backend.warning}`, SET_UP, true);
  if (backend.backend !== "tensorflow" && parts.library) {
    add(`native TensorFlow${staged?.reason ? `: ${staged.reason}` : ""}`, staged?.remedy ?? SET_UP);
  }
  if (found.pip === null) add("Python with pip (for the downloads)", "install Python 3 with pip");
  if (found.compiler === null)
    add("C++ compiler (for native TensorFlow)", "install g++ or name a compiler in CXX");
  if (!atlas) add("SRI24 atlas (simulated subjects get analytic heads)", SET_UP);
  if (chromium === null) add("Chromium (figures are made without it)", "install chromium or set CHROME_PATH");
  if (kernel === null)
    add("notebook kernel for JupyterLab and VS Code", "npm run synthmr -- kernel install --user");
  if (Math.min(room.project, room.cache) < CRAMPED_BYTES)
    add("free disk: less than 3 GB", "free some space or set SYNTHMR_CACHE");
  return missing;
}

/** @param {Awaited<ReturnType<typeof examine>>} report */
function asText(report) {
  const { backend, versions: found, disk: room } = report;
  const gigabytes = (/** @type {number} */ bytes) => `${(bytes / 2 ** 30).toFixed(1)} GB`;
  /** @type {[string, string][]} */
  const rows = [
    ["backend", `${backend.backend} on ${backend.device}, ${backend.threads} threads, ${backend.precision}`],
    ...Object.entries({ ...found, libtensorflow: backend.tensorflowVersion }).map(
      ([name, version]) => /** @type {[string, string]} */ ([name, version ?? "missing"]),
    ),
    ["platform", report.platform],
    ["free disk", `${gigabytes(room.project)} (project), ${gigabytes(room.cache)} (cache)`],
    ["cache", room.cacheFolder],
    ...room.cacheHolds.map(
      ({ name, sizeBytes }) => /** @type {[string, string]} */ (["", `${name}  ${gigabytes(sizeBytes)}`]),
    ),
    ["SRI24 atlas", report.atlas ? "present" : "missing"],
    ["Chromium", report.chromium ?? "missing"],
    ["kernel", report.kernel ?? "missing"],
  ];
  const lines = rows.map(([name, value]) => `${name.padEnd(14)}${value}`);
  const faults = report.missing.map(
    ({ what, remedy, needed }) => `missing${needed ? " (needed)" : ""}: ${what}\n  to mend: ${remedy}`,
  );
  return [...lines, "", ...(faults.length > 0 ? faults : ["nothing is missing"])].join("\n");
}

module.exports = { doctor, examine, listMissing, asText };
