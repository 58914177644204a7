const { existsSync, readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { ROOT } = require("./project");
const { lastLines, runProgram } = require("./run-program");
const { SetupError } = require("./setup-error");

const USUAL_SEC = 25;

/**
 * One package in a lockfile.
 *
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockedPackage
 */

/**
 * Installs the npm packages of the lockfile, if they are not all there. No script of a package is run.
 *
 * @param {import("./progress").Progress} progress
 * @throws {SetupError} if npm is missing or fails.
 */
async function ensurePackages(progress) {
  if (packagesMatch(ROOT)) return;
  const count = Object.keys(readPackages(join(ROOT, "package-lock.json")) ?? {}).length;
  progress.work(`npm packages: npm ci (${count} packages)`);
  const { code, output } = await runProgram(
    [
      ...npmCommand(),
      "ci",
      "--ignore-scripts",
      "--include=dev",
      "--include=optional",
      "--no-audit",
      "--no-fund",
    ],
    {
      cwd: ROOT,
      onTick: () => progress.tick(USUAL_SEC),
    },
  );
  if (code !== 0)
    throw new SetupError(
      `npm ci failed:\n${npmErrors(output)}\n`,
      "mend what npm says above and run the command again",
    );
}

/**
 * Whether node_modules holds what the lockfile says, by the list that npm leaves there when it is done.
 *
 * @param {string} root
 * @returns {boolean}
 */
function packagesMatch(root) {
  const wanted = readPackages(join(root, "package-lock.json"));
  const installed = readPackages(join(root, "node_modules", ".package-lock.json"));
  if (wanted === undefined || installed === undefined) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === "") return true;
    const found = installed[path];
    // Optional packages are those of other platforms, too.
    if (found === undefined) return optional === true;
    return (
      found.version === version &&
      found.integrity === integrity &&
      existsSync(join(root, path, "package.json"))
    );
  });
}

/**
 * @param {string} path
 * @returns {Record<string, LockedPackage> | undefined}
 */
function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** @param {string} output What npm wrote: the reason stands in its first lines of error. */
function npmErrors(output) {
  const errors = output.split("\n").filter((line) => /^npm (error|ERR!) ?\S/.test(line));
  return errors.length > 0 ? errors.slice(0, 6).join("\n") : lastLines(output);
}

/** @returns {readonly string[]} How to call npm: the one that runs this, the one beside Node, or the path's. */
function npmCommand() {
  const bin = dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath ?? "",
    join(bin, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
    join(bin, "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  const found = candidates.find((path) => path.endsWith("npm-cli.js") && existsSync(path));
  return found === undefined ? ["npm"] : [process.execPath, found];
}

module.exports = { ensurePackages, npmCommand, packagesMatch };
