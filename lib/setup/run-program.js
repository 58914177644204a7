const { spawn, spawnSync } = require("node:child_process");

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
process.on("exit", () => running.forEach(killGroup));

/**
 * What a program left when it ended.
 *
 * @typedef {object} Ended
 * @property {number | null} code Its exit code; null where a signal ended it or it could not be started.
 * @property {string} output What it wrote, stdout and stderr in one.
 * @property {string | null} signal
 */

/**
 * Runs a program to its end. It is killed when this process ends before it.
 *
 * @param {readonly string[]} command The program and its arguments; no shell is involved.
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, everyMs?: number, onTick?: () => void }} [options] `onTick`
 * is called every `everyMs` milliseconds meanwhile.
 * @returns {Promise<Ended>}
 */
function runProgram([program = "", ...args], options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that what the program starts ends with it.
      detached: true,
    });
    running.add(child);
    let output = "";
    const collect = (/** @type {Buffer} */ bytes) => void (output += bytes.toString());
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    const ticker = setInterval(options.onTick ?? (() => undefined), options.everyMs ?? 1000);
    const end = (/** @type {number | null} */ code, /** @type {string | null} */ signal) => {
      clearInterval(ticker);
      running.delete(child);
      resolve({ code, output, signal });
    };
    child.on("error", (error) => {
      output += error.message;
      end(null, null);
    });
    child.on("close", end);
  });
}

/** @param {import("node:child_process").ChildProcess} child */
function killGroup({ pid }) {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended in the meantime.
  }
}

/**
 * Asks a program for one line about itself.
 *
 * @param {readonly string[]} command
 * @returns {string | undefined} The first line that it writes; undefined where it is missing or fails.
 */
function firstLine([program = "", ...args]) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", timeout: 30_000 });
  if (status !== 0) return undefined;
  return `${stdout}${stderr}`.trim().split("\n")[0];
}

/**
 * @param {string} output
 * @param {number} [lines]
 * @returns {string} The last lines of a program's output, for an error message.
 */
function lastLines(output, lines = 8) {
  return output.trim().split("\n").slice(-lines).join("\n");
}

module.exports = { runProgram, firstLine, lastLines };
