const { createHash } = require("node:crypto");
const {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} = require("node:fs");
const { dirname, join } = require("node:path");
const { replaceFile } = require("./file-record");
const { withLock } = require("./lock");
const { MODULES, TFJS_NODE } = require("./project");
const { firstLine, lastLines, runProgram } = require("./run-program");
const { SetupError } = require("./setup-error");

const NAPI_VERSION = 8;
const ADDON = join(TFJS_NODE, "lib", `napi-v${NAPI_VERSION}`, "tfjs_binding.node");
const INSTALL_COMPILER = "install a C++ compiler (Debian: apt install g++) or name one in CXX";

/**
 * @returns {{ command: readonly string[], version: string } | undefined} The C++ compiler: `$CXX`, or the
 * first of g++, c++, clang++ that is there.
 */
function findCompiler() {
  const named = (process.env.CXX ?? "").trim();
  // As in make, CXX may hold flags too.
  const candidates = named === "" ? [["g++"], ["c++"], ["clang++"]] : [named.split(/\s+/)];
  for (const command of candidates) {
    const version = firstLine([...command, "--version"]);
    if (version !== undefined) return { command, version };
  }
  return undefined;
}

/**
 * Builds tfjs-node's addon against the given libtensorflow, or takes the one that was built before from the
 * same sources by the same compiler.
 *
 * @param {string} libraries Folder of libtensorflow in the cache, with `include/` and `tensorflow/`.
 * @param {string} libraryName Names that libtensorflow: version and hash.
 * @param {{ cache: string, progress: import("./progress").Progress }} options
 * @returns {Promise<string>} Path of the built addon, in the cache.
 * @throws {SetupError} if there is no compiler or it fails.
 */
async function ensureAddon(libraries, libraryName, { cache, progress }) {
  const compiler = findCompiler();
  if (compiler === undefined) throw new SetupError("no C++ compiler was found", INSTALL_COMPILER);
  const key = addonKey(libraryName, compiler);
  const folder = join(cache, `addon-${key}`);
  const built = join(folder, "tfjs_binding.node");
  if (isBuilt(folder, built)) return built;
  await withLock(join(cache, "locks", `addon-${key}`), async () => {
    if (isBuilt(folder, built)) return;
    progress.work(`tfjs-node addon: build with ${compiler.version}`);
    mkdirSync(folder, { recursive: true });
    const aside = `${built}.${process.pid}.part`;
    try {
      await compile(compiler.command, libraries, aside, progress);
      replaceFile(join(folder, "sha256"), sha256(aside));
      renameSync(aside, built);
    } finally {
      rmSync(aside, { force: true });
    }
  });
  return built;
}

/**
 * @param {string} libraryName
 * @param {{ command: readonly string[], version: string }} compiler
 */
function addonKey(libraryName, compiler) {
  const hash = createHash("sha256");
  const { version } = JSON.parse(readFileSync(join(TFJS_NODE, "package.json"), "utf8"));
  hash.update(JSON.stringify([version, libraryName, NAPI_VERSION, process.arch, compiler]));
  for (const source of sources()) hash.update(readFileSync(source));
  return hash.digest("hex").slice(0, 16);
}

function sources() {
  const folder = join(TFJS_NODE, "binding");
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
}

/**
 * @param {string} folder
 * @param {string} built
 */
function isBuilt(folder, built) {
  const note = join(folder, "sha256");
  return existsSync(built) && existsSync(note) && readFileSync(note, "utf8") === sha256(built);
}

/** @param {string} path */
function sha256(path) {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/**
 * One call of the compiler does what node-gyp does here, without its download of Node's headers.
 *
 * @param {readonly string[]} compiler
 * @param {string} libraries
 * @param {string} output
 * @param {import("./progress").Progress} progress
 */
async function compile(compiler, libraries, output, progress) {
  const code = sources().filter((path) => path.endsWith(".cc"));
  const headers = [
    join(MODULES, "node-api-headers", "include"),
    join(TFJS_NODE, "binding"),
    join(libraries, "include"),
  ];
  const started = Date.now();
  const ended = await runProgram(
    [
      ...compiler,
      ...["-std=c++17", "-O2", "-fPIC", "-shared", "-w", `-DNAPI_VERSION=${NAPI_VERSION}`],
      ...headers.map((folder) => `-I${folder}`),
      ...code,
      ...["-o", output, `-L${join(libraries, "tensorflow")}`],
      ...["-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2", "-Wl,-rpath,$ORIGIN/../../deps/lib"],
    ],
    { onTick: () => progress.update((Date.now() - started) / 1000, 15, "s (about)") },
  );
  if (ended.code === 0) return;
  if (/cannot execute|not found: .*cc1plus|No such file or directory: .*cc1plus/.test(ended.output))
    throw new SetupError(`${compiler.join(" ")} cannot compile C++`, INSTALL_COMPILER);
  throw new SetupError(
    `${compiler.join(" ")} could not build the tfjs-node addon: ${firstError(ended.output)}`,
    INSTALL_COMPILER,
  );
}

/** @param {string} output */
function firstError(output) {
  return output.split("\n").find((line) => /error|cannot find|not found/i.test(line)) ?? lastLines(output, 1);
}

/**
 * Puts libtensorflow and the addon where tfjs-node looks for them, each replaced in one move: a process that
 * has the old ones loaded keeps them.
 *
 * @param {string} libraries
 * @param {string} addon
 * @returns {readonly { path: string, sizeBytes: number }[]} What now stands there.
 */
function stage(libraries, addon) {
  const folder = join(TFJS_NODE, "deps", "lib");
  const [core, framework] = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"].map((name) =>
    join(libraries, "tensorflow", name),
  );
  const links = {
    "libtensorflow.so": core,
    "libtensorflow_cc.so.2": core,
    "libtensorflow_framework.so": framework,
    "libtensorflow_framework.so.2": framework,
    "../include": join(libraries, "include"),
    // The CUDA libraries are looked up beside the folder of libtensorflow.
    ...(existsSync(join(libraries, "nvidia")) ? { "../nvidia": join(libraries, "nvidia") } : {}),
  };
  for (const [name, target] of Object.entries(links)) replaceLink(join(folder, name), String(target));
  mkdirSync(dirname(ADDON), { recursive: true });
  const aside = `${ADDON}.${process.pid}.part`;
  copyFileSync(addon, aside);
  renameSync(aside, ADDON);
  return [ADDON, join(folder, "libtensorflow_cc.so.2"), join(folder, "libtensorflow_framework.so.2")].map(
    (path) => ({
      path,
      sizeBytes: statSync(path).size,
    }),
  );
}

/**
 * @param {string} path
 * @param {string} target
 */
function replaceLink(path, target) {
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.part`;
  rmSync(aside, { force: true });
  symlinkSync(target, aside);
  renameSync(aside, path);
}

module.exports = { ADDON, INSTALL_COMPILER, addonKey, ensureAddon, findCompiler, stage };
