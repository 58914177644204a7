const { firstLine, lastLines, runProgram } = require("./run-program");
const { SetupError } = require("./setup-error");

const INSTALL_COMPILER = "install a C++ compiler (Debian: apt install g++) or name one in CXX";

/** @typedef {{ command: readonly string[], version: string }} Compiler How to call it; its own first line. */

/** @returns {Compiler | undefined} `$CXX`, or the first of g++, c++, clang++ that is there. */
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
 * Compiles sources to a shared library.
 *
 * @param {Compiler} compiler
 * @param {readonly string[]} options Flags, sources, output.
 * @param {() => void} onTick Called every second meanwhile.
 * @throws {SetupError} if it fails.
 */
async function compileShared({ command }, options, onTick) {
  const { code, output } = await runProgram(
    [...command, "-std=c++17", "-O2", "-fPIC", "-shared", "-w", ...options],
    { onTick },
  );
  if (code !== 0)
    throw new SetupError(
      `${command.join(" ")} could not build the tfjs-node addon: ${firstError(output)}`,
      INSTALL_COMPILER,
    );
}

/** @param {string} output */
function firstError(output) {
  const line = output.split("\n").find((text) => /error|cannot|not found/i.test(text));
  return (line ?? lastLines(output, 1)).trim();
}

module.exports = { INSTALL_COMPILER, findCompiler, compileShared };
