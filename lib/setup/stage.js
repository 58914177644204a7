const { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { BUILT, NAPI_VERSION } = require("./addon");
const { TFJS_NODE } = require("./project");

/**
 * Puts libtensorflow and the addon where tfjs-node looks for them, each replaced in one move: a process that
 * has the old ones loaded keeps them.
 *
 * @param {string} libraries Folder of libtensorflow in the cache.
 * @param {string} addon Folder of the built addon in the cache.
 * @param {string} [target] Folder of the tfjs-node package.
 * @returns {readonly { path: string, sizeBytes: number }[]} What now stands there.
 */
function stage(libraries, addon, target = TFJS_NODE) {
  const folder = join(target, "deps", "lib");
  const core = join(libraries, "tensorflow", "libtensorflow_cc.so.2");
  const framework = join(libraries, "tensorflow", "libtensorflow_framework.so.2");
  replaceLink(join(folder, "libtensorflow.so"), core);
  replaceLink(join(folder, "libtensorflow_cc.so.2"), core);
  replaceLink(join(folder, "libtensorflow_framework.so"), framework);
  replaceLink(join(folder, "libtensorflow_framework.so.2"), framework);
  replaceLink(join(target, "deps", "include"), join(libraries, "include"));
  // The GPU build of libtensorflow looks for the CUDA libraries beside its own folder.
  const cuda = join(libraries, "nvidia");
  if (existsSync(cuda)) replaceLink(join(target, "deps", "nvidia"), cuda);

  const addons = BUILT.map((name) => join(target, "lib", `napi-v${NAPI_VERSION}`, name));
  // Copied, not linked: Node follows links, and the addon finds libtensorflow by its own place.
  BUILT.forEach((name, i) => replaceByCopy(String(addons[i]), join(addon, name)));
  const staged = [
    ...addons,
    join(folder, "libtensorflow_cc.so.2"),
    join(folder, "libtensorflow_framework.so.2"),
  ];
  return staged.map((path) => ({ path, sizeBytes: statSync(path).size }));
}

/**
 * @param {string} path
 * @param {string} target
 */
function replaceLink(path, target) {
  const aside = placeBeside(path);
  symlinkSync(target, aside);
  renameSync(aside, path);
}

/**
 * @param {string} path
 * @param {string} source
 */
function replaceByCopy(path, source) {
  const aside = placeBeside(path);
  copyFileSync(source, aside);
  renameSync(aside, path);
}

/** @param {string} path */
function placeBeside(path) {
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.part`;
  rmSync(aside, { force: true });
  return aside;
}

module.exports = { stage };
