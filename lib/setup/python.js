const { firstLine } = require("./run-program");

/**
 * The user's own pip.
 *
 * @returns {{ command: readonly string[], version: string } | undefined} How to call it; undefined where no
 * Python has it.
 */
function findPip() {
  const candidates = [process.env.PYTHON, "python3", "python"].filter(
    (name) => name !== undefined && name !== "",
  );
  const commands = [...candidates.map((name) => [String(name), "-m", "pip"]), ["pip3"]];
  for (const command of commands) {
    const version = firstLine([...command, "--version"]);
    if (version?.startsWith("pip ")) return { command, version };
  }
  return undefined;
}

module.exports = { findPip };
