const { createHash } = require("node:crypto");
const {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} = require("node:fs");
const { join, relative } = require("node:path");
const { replaceFile } = require("./file-record");
const { MODULES, ROOT } = require("./project");
const { lastLines, runProgram } = require("./run-program");
const { SetupError } = require("./setup-error");

const [SOURCES, BUILT] = [join(ROOT, "lib"), join(ROOT, "dist")];
const USUAL_SEC = 10;
const STAMP = join(BUILT, ".sources");
const BUILD_INFO = join(BUILT, ".tsbuildinfo");

/** The types of the entry in one file, which cells read. */
const FLAT_TYPES = join(BUILT, "flat", "index.d.ts");

/**
 * Compiles the library to dist/ if its sources have changed, and links it as the package `synthmr`, so that
 * cells, scripts and tests import it by name.
 *
 * @param {import("./progress").Progress} progress
 * @throws {SetupError} if a source does not compile.
 */
async function ensureLibrary(progress) {
  linkPackage();
  const sources = listSources(SOURCES);
  const stamp = sourcesStamp(sources);
  const outputs = new Set(
    sources.map((path) => join(BUILT, relative(SOURCES, path).replace(/\.ts$/, ".js"))),
  );
  const complete = [...outputs, FLAT_TYPES].every((path) => existsSync(path));
  if (complete && readText(STAMP) === stamp) return;

  progress.work("library: compile");
  // The compiler believes its own list of what it wrote.
  if (!complete) rmSync(BUILD_INFO, { force: true });
  rmSync(STAMP, { force: true });
  const tsc = [join(MODULES, "typescript", "bin", "tsc"), "-p", SOURCES, "--pretty", "false"];
  try {
    await runNode(tsc, progress);
  } catch {
    // Checked in another order, as after a change, a sound source may be refused: a build anew decides.
    rmSync(BUILD_INFO, { force: true });
    await runNode(tsc, progress);
  }
  removeLeftovers(outputs);
  await runNode([join(SOURCES, "setup", "flat-types.mjs")], progress);
  replaceFile(STAMP, stamp);
}

/**
 * @param {readonly string[]} command
 * @param {import("./progress").Progress} progress
 */
async function runNode(command, progress) {
  const { code, output } = await runProgram([process.execPath, ...command], {
    cwd: ROOT,
    onTick: () => progress.tick(USUAL_SEC),
  });
  if (code !== 0)
    throw new SetupError(
      `the library does not compile:\n${lastLines(output, 20)}\n`,
      "mend the source that is named above",
    );
  if (output.trim() !== "") progress.note(output.trim());
}

/**
 * @param {string} folder
 * @returns {string[]} Absolute paths of what the compiler reads, sorted.
 */
function listSources(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => /\.(ts|js)$/.test(path))
    .sort();
}

/** @param {readonly string[]} sources */
function sourcesStamp(sources) {
  const hash = createHash("sha256");
  const settings = [
    "tsconfig.json",
    "lib/tsconfig.json",
    "package-lock.json",
    "lib/setup/flat-types.mjs",
  ].map((name) => join(ROOT, name));
  for (const path of [...settings, ...sources]) hash.update(relative(ROOT, path)).update(readFileSync(path));
  return hash.digest("hex");
}

/**
 * Outputs of sources that are gone, which an import would still find.
 *
 * @param {ReadonlySet<string>} outputs
 */
function removeLeftovers(outputs) {
  for (const name of readdirSync(BUILT, { recursive: true })) {
    const path = join(BUILT, String(name));
    const origin = path.replace(/(\.d\.ts|\.js)(\.map)?$/, ".js");
    if (path === FLAT_TYPES) continue;
    if (origin !== path || path.endsWith(".js")) if (!outputs.has(origin)) rmSync(path, { force: true });
  }
}

function linkPackage() {
  const link = join(MODULES, "synthmr");
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(link) === "..") return;
  rmSync(link, { recursive: true, force: true });
  symlinkSync("..", link, "junction");
}

/** @param {string} path */
function readText(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

module.exports = { ensureLibrary, listSources };
