const { join } = require("node:path");
const { cacheFolder } = require("../storage/cache-folder");
const { doctor } = require("./doctor");
const { ROOT } = require("./project");
const { setUp } = require("./set-up");
const { SetupError } = require("./setup-error");

const INTERRUPTED = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/**
 * Sets up what is missing and then becomes the command: the same process, so that its signals, its exit code
 * and its memory are the command's own. `setup` only sets up; `doctor` only looks.
 *
 * @param {readonly string[]} words The command and its arguments.
 */
async function runCommand(words) {
  const [command = "--help", ...rest] = words;
  process.env.SYNTHMR_CACHE = cacheFolder();
  // libtensorflow reads this once, when it is loaded.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "3";
  // Only `--tune` needs more than can be told before a set-up.
  if (command === "doctor" && !rest.includes("--tune")) {
    process.exitCode = await doctor(rest);
    return;
  }
  if (!(await setUpOrExplain())) return;
  if (command === "setup") return;
  const program = command === "test" ? join(ROOT, "test", "run.cjs") : join(ROOT, "dist", "cli", "main.js");
  process.argv = [process.execPath, program, ...(command === "test" ? rest : words)];
  require(program);
}

/** @returns {Promise<boolean>} Whether the command can run. */
async function setUpOrExplain() {
  const leave = (/** @type {keyof typeof INTERRUPTED} */ signal) => process.exit(INTERRUPTED[signal]);
  const signals = /** @type {(keyof typeof INTERRUPTED)[]} */ (Object.keys(INTERRUPTED));
  for (const signal of signals) process.on(signal, leave);
  try {
    await setUp();
    return true;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`synthmr: ${error.message}`);
    process.exitCode = 1;
    return false;
  } finally {
    for (const signal of signals) process.off(signal, leave);
  }
}

module.exports = { runCommand };
