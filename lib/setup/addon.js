const { createHash } = require("node:crypto");
const {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} = require("node:fs");
const { join } = require("node:path");
const { INSTALL_COMPILER, compileShared, findCompiler } = require("./compiler");
const { matchesRecord, recordOf, sha256OfFile, writeRecord } = require("./file-record");
const { withLock } = require("../storage/lock");
const { MODULES, ROOT, TFJS_NODE } = require("./project");
const { SetupError } = require("./setup-error");

const NAPI_VERSION = 8;
const QUIET_LOAD = join(ROOT, "lib", "setup", "quiet-load.cc");
const BINDING = join(TFJS_NODE, "binding");
const KERNELS = join(ROOT, "lib", "setup", "kernels");
const USUAL_SEC = 20;

/** What is built: tfjs-node's own addon, what loads libtensorflow, and the project's own operations. */
const BUILT = ["tfjs_binding.node", "quiet_load.node", "native_kernels.node"];

/**
 * Builds tfjs-node's addon against the given libtensorflow, or takes the one that was built before from the
 * same sources by the same compiler.
 *
 * @param {string} libraries Folder of libtensorflow in the cache, with `include/` and `tensorflow/`.
 * @param {string} libraryName Names that libtensorflow: version and hash.
 * @param {{ cache: string, progress: import("./progress").Progress }} options
 * @returns {Promise<string>} The folder of the cache that holds what was built.
 * @throws {SetupError} if there is no compiler or it fails.
 */
async function ensureAddon(libraries, libraryName, { cache, progress }) {
  const compiler = findCompiler();
  if (compiler === undefined) throw new SetupError("no C++ compiler was found", INSTALL_COMPILER);
  const name = `addon-${addonKey(libraryName, compiler)}`;
  const folder = join(cache, name);
  if (await matchesRecord(folder, BUILT)) return folder;
  await withLock(join(cache, "locks", name), async () => {
    if (await matchesRecord(folder, BUILT)) return;
    progress.work(`tfjs-node addon: build with ${compiler.version}`);
    mkdirSync(join(cache, "parts"), { recursive: true });
    const part = mkdtempSync(join(cache, "parts", "part-"));
    try {
      await build(compiler, libraries, part, progress);
      rmSync(folder, { recursive: true, force: true });
      renameSync(part, folder);
    } finally {
      rmSync(part, { recursive: true, force: true });
    }
  });
  return folder;
}

/**
 * What the built files depend on, as a short hash.
 *
 * @param {...unknown} tools What they are built with, beside the sources.
 * @returns {string}
 */
function addonKey(...tools) {
  const hash = createHash("sha256");
  const { version } = JSON.parse(readFileSync(join(TFJS_NODE, "package.json"), "utf8"));
  hash.update(JSON.stringify([version, NAPI_VERSION, process.arch, tools]));
  for (const source of [...sourcesIn(BINDING), QUIET_LOAD, ...sourcesIn(KERNELS)])
    hash.update(readFileSync(source));
  return hash.digest("hex").slice(0, 16);
}

/** @param {string} folder */
function sourcesIn(folder) {
  const names = readdirSync(folder).sort();
  return names.map((name) => join(folder, name));
}

/**
 * Calls of the compiler do what node-gyp does here, without its download of Node's headers.
 *
 * @param {import("./compiler").Compiler} compiler
 * @param {string} libraries
 * @param {string} target An empty folder.
 * @param {import("./progress").Progress} progress
 */
async function build(compiler, libraries, target, progress) {
  const tick = () => progress.tick(USUAL_SEC);
  const [binding, quietLoad, kernels] = BUILT.map((name) => join(target, name));
  const napi = [`-DNAPI_VERSION=${NAPI_VERSION}`, `-I${join(MODULES, "node-api-headers", "include")}`];
  const code = sourcesIn(BINDING).filter((path) => path.endsWith(".cc"));
  const headers = [`-I${BINDING}`, `-I${join(libraries, "include")}`];
  const linked = [
    `-L${join(libraries, "tensorflow")}`,
    "-l:libtensorflow_cc.so.2",
    "-l:libtensorflow_framework.so.2",
  ];
  // From lib/napi-v8/ in the package to the links that staging makes.
  const runPath = "-Wl,-rpath,$ORIGIN/../../deps/lib";
  await compileShared(
    compiler,
    [...napi, ...headers, ...code, "-o", String(binding), ...linked, runPath],
    tick,
  );
  await compileShared(compiler, [...napi, QUIET_LOAD, "-o", String(quietLoad), "-ldl"], tick);
  // Plain loops become vector instructions; the code holds versions for several processors and chooses itself.
  const fast = ["-O3", "-fno-trapping-math", "-fno-math-errno"];
  const operations = [...fast, ...napi, ...headers, join(KERNELS, "kernels.cc"), "-o", String(kernels)];
  try {
    await compileShared(compiler, [...operations, ...linked, runPath], tick);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    // Everything works without them, some steps more slowly.
    progress.note(`synthmr: warning: training will be slower: ${error.reason}`);
    writeFileSync(String(kernels), "");
  }

  /** @type {Record<string, import("./file-record").FileRecord>} */
  const record = {};
  for (const name of BUILT)
    record[name] = recordOf(join(target, name), await sha256OfFile(join(target, name)));
  writeRecord(target, record);
}

module.exports = { BUILT, NAPI_VERSION, addonKey, ensureAddon };
