// What ts-node turns TypeScript into JavaScript with (`transpiler` in tsconfig.json): the compiler it would call itself,
// its output kept. The tests are hundreds of processes that load the same files; each file is translated once.
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");
const typescript = require("typescript");
const { replaceFile } = require("../lib/setup/file-record");

const STORE = join(__dirname, "..", "node_modules", ".cache", "synthmr", "transpiled");

exports.create = ({ service }) => {
  const compilerOptions = service.config.options;
  const settings = JSON.stringify([typescript.version, compilerOptions]);
  return {
    transpile(code, { fileName }) {
      const key = createHash("sha256")
        .update(settings)
        .update("\0")
        .update(fileName)
        .update("\0")
        .update(code);
      const path = join(STORE, `${key.digest("hex")}.json`);
      const stored = read(path);
      if (stored !== undefined) return stored;
      const options = { fileName, compilerOptions, reportDiagnostics: true };
      const { outputText, sourceMapText, diagnostics = [] } = typescript.transpileModule(code, options);
      if (diagnostics.length === 0) write(path, { outputText, sourceMapText });
      return { outputText, sourceMapText, diagnostics };
    },
  };
};

function read(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Other processes read and write the same file. A store that cannot be written costs time alone. */
function write(path, output) {
  try {
    mkdirSync(STORE, { recursive: true });
    replaceFile(path, JSON.stringify(output));
  } catch {
    return;
  }
}
