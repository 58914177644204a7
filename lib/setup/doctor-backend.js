const { availableParallelism } = require("node:os");
const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { ROOT } = require("./project");
const { runProgram } = require("./run-program");

/**
 * What the backend says of itself.
 *
 * @typedef {object} BackendFacts
 * @property {string} backend "tensorflow", "wasm", or "none" where neither starts.
 * @property {string} device
 * @property {number} threads
 * @property {string | null} tensorflowVersion
 * @property {string} precision
 * @property {string | null} warning
 */

/**
 * Starts the backend in a process of its own, as a command would, and asks what it is.
 *
 * @returns {Promise<BackendFacts>}
 */
async function askBackend() {
  const library = join(ROOT, "dist", "backend", "start.js");
  const none = {
    backend: "none",
    device: "cpu",
    threads: availableParallelism(),
    tensorflowVersion: null,
    precision: "float32",
  };
  if (!existsSync(library)) return { ...none, warning: "the library is not compiled" };
  const code = `require(${JSON.stringify(library)}).startBackend().then((info) => console.log("\\n" + JSON.stringify(info)))`;
  const { output } = await runProgram([process.execPath, "-e", code], {
    env: { ...process.env, SYNTHMR_WARNED: "1", TF_CPP_MIN_LOG_LEVEL: "2" },
  });
  const line = output
    .trim()
    .split("\n")
    .filter((text) => text.startsWith('{"backend"'))
    .at(-1);
  if (line === undefined)
    return {
      ...none,
      warning: `it does not start: ${
        output
          .trim()
          .split("\n")
          .find((text) => text.includes("Error")) ?? ""
      }`,
    };
  return JSON.parse(line);
}

module.exports = { askBackend };
