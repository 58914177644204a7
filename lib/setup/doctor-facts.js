const { execFileSync } = require("node:child_process");
const {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  statfsSync,
  statSync,
} = require("node:fs");
const { homedir } = require("node:os");
const { delimiter, dirname, join } = require("node:path");
const { cacheFolder } = require("../storage/cache-folder");
const { findCompiler } = require("./compiler");
const { readManifest } = require("./manifest");
const { npmCommand, packagesMatch } = require("./packages");
const { MODULES, ROOT } = require("./project");
const { findPip } = require("./python");
const { firstLine } = require("./run-program");
const { isVerified } = require("./wheel-files");

const BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** Versions of what the project runs on; null where it is missing. */
function versions() {
  return {
    synthmr: packageVersion(ROOT),
    node: process.versions.node,
    npm: firstLine([...npmCommand(), "--version"]) ?? null,
    python: firstLine([process.env.PYTHON || "python3", "--version"])?.replace("Python ", "") ?? null,
    pip: findPip()?.version.split(" ")[1] ?? null,
    compiler: findCompiler()?.version ?? null,
    tfjs: packageVersion(join(MODULES, "@tensorflow", "tfjs-core")),
    typescript: packageVersion(join(MODULES, "typescript")),
  };
}

/** Free room in bytes, and what the cache holds. */
function disk() {
  const cache = cacheFolder();
  const entries = existsSync(cache) ? readdirSync(cache).sort() : [];
  const held = entries
    .filter((name) => name !== "locks" && name !== "parts")
    .map((name) => ({ name, sizeBytes: sizeOf(join(cache, name)) }));
  return { project: freeBytes(ROOT), cache: freeBytes(cache), cacheFolder: cache, cacheHolds: held };
}

/** @returns {Promise<boolean>} */
async function hasAtlas() {
  const manifest = readManifest("sri24");
  return isVerified(manifest, join(cacheFolder(), manifest.folder));
}

/** @returns {string | null} Path of a Chromium or Chrome; figures can also be made without one. */
function findChromium() {
  const named = process.env.CHROME_PATH;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = [
    ...(named ? [named] : []),
    ...BROWSERS.flatMap((name) => folders.map((folder) => join(folder, name))),
  ];
  return paths.find(isExecutable) ?? null;
}

/** @returns {string | null} Folder of the project's kernelspec, where Jupyter finds it. */
function findKernel() {
  const environments = [process.env.VIRTUAL_ENV, process.env.CONDA_PREFIX, pythonPrefix()].filter(
    (path) => path,
  );
  const folders = [
    ...(process.env.JUPYTER_PATH ?? "").split(delimiter).filter((path) => path !== ""),
    process.env.JUPYTER_DATA_DIR ??
      join(process.env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "jupyter"),
    ...environments.map((path) => join(String(path), "share", "jupyter")),
    "/usr/local/share/jupyter",
    "/usr/share/jupyter",
  ];
  const kernels = folders.map((folder) => join(folder, "kernels", "synthmr"));
  return kernels.find((folder) => existsSync(join(folder, "kernel.json"))) ?? null;
}

/** Whether the npm packages and the compiled library are in place. */
function project() {
  return { packages: packagesMatch(ROOT), library: existsSync(join(ROOT, "dist", "cli", "main.js")) };
}

function pythonPrefix() {
  try {
    return execFileSync(process.env.PYTHON || "python3", ["-c", "import sys; print(sys.prefix)"], {
      encoding: "utf8",
    }).trim();
  } catch {
    return "";
  }
}

/** @param {string} folder */
function packageVersion(folder) {
  try {
    return String(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version);
  } catch {
    return null;
  }
}

/**
 * @param {string} path
 * @returns {number}
 */
function sizeOf(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

/** @param {string} folder */
function freeBytes(folder) {
  let present = folder;
  while (!existsSync(present) && dirname(present) !== present) present = dirname(present);
  const { bavail, bsize } = statfsSync(present);
  return bavail * bsize;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

module.exports = { versions, disk, hasAtlas, findChromium, findKernel, project };
