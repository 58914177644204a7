const { createHash } = require("node:crypto");
const { mkdirSync } = require("node:fs");
const { join } = require("node:path");
const { cacheFolder } = require("../storage/cache-folder");
const { ensureLibrary } = require("./library");
const { withLock } = require("../storage/lock");
const { readManifest } = require("./manifest");
const { ensureNativeBackend } = require("./native-backend");
const { ensurePackages } = require("./packages");
const { Progress } = require("./progress");
const { ROOT } = require("./project");
const { SetupError } = require("./setup-error");
const { ensureWheelFiles } = require("./wheel-files");

const STEPS = 4;

/**
 * Everything that a clone needs before a command can run. Each step looks first whether its work is done, so
 * an interrupted set-up goes on where it was, and a finished one is over at once.
 *
 * @throws {SetupError} if nothing can run: no packages, or a library that does not compile.
 */
async function setUp() {
  const started = Date.now();
  const cache = cacheFolder();
  const progress = new Progress(STEPS);
  requireCache(cache);
  // Two set-ups of one clone would fight over node_modules.
  const name = `clone-${createHash("sha256").update(ROOT).digest("hex").slice(0, 16)}`;
  await withLock(
    join(cache, "locks", name),
    async () => {
      progress.nextStep();
      await ensurePackages(progress);
      progress.nextStep();
      const { backend, offline } = await ensureNativeBackend({ cache, progress });
      if (backend === "wasm") process.env.SYNTHMR_WARNED = "1";
      progress.nextStep();
      await ensureAtlas({ cache, progress, ...(offline ? { download: refuseDownload } : {}) });
      progress.nextStep();
      await ensureLibrary(progress);
    },
    (owner) => progress.note(`waiting for another set-up of this clone (process ${owner})`),
  );
  if (progress.anyWork) progress.note(`set-up done in ${Math.round((Date.now() - started) / 1000)} s`);
}

/**
 * The tissue maps of the simulated cohort. Without them its heads are analytic ones.
 *
 * @param {import("./wheel-files").WheelFilesOptions} options
 */
async function ensureAtlas(options) {
  try {
    await ensureWheelFiles(readManifest("sri24"), options);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    options.progress.note(
      `synthmr: warning: the SRI24 atlas is not available (${error.reason}): simulated subjects get analytic heads. To mend: ${error.remedy}`,
    );
  }
}

/**
 * A network that was found missing a moment ago is not waited for again.
 *
 * @returns {Promise<string>}
 */
function refuseDownload() {
  return Promise.reject(new SetupError("no network", "connect to the network and run the command again"));
}

/** @param {string} cache */
function requireCache(cache) {
  try {
    mkdirSync(cache, { recursive: true });
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    throw new SetupError(
      `${cache}: the cache folder cannot be made (${code})`,
      "set SYNTHMR_CACHE to a folder you can write",
    );
  }
}

module.exports = { setUp };
