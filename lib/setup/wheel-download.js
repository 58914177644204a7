const { mkdirSync, readdirSync, statSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { sha256OfFile } = require("./file-record");
const { findPip } = require("./python");
const { lastLines, runProgram } = require("./run-program");
const { SetupError } = require("./setup-error");

const CONNECT = "connect to the network, or set PIP_INDEX_URL to a mirror, and run the command again";
const UNREACHABLE =
  /name resolution|Name or service not known|unreachable|Connection refused|ConnectionError|ConnectTimeout|timed out|ProxyError|SSLError|Max retries exceeded|No matching distribution|Could not fetch/i;

/**
 * Downloads a wheel by the user's own pip, so that its mirrors, proxies and certificates count.
 *
 * @param {import("./manifest").Wheel} wheel
 * @param {string} folder An empty folder; the wheel and pip's temporary files go there.
 * @param {(doneBytes: number) => void} onProgress
 * @returns {Promise<string>} Path of the wheel, whose SHA-256 has been checked.
 * @throws {SetupError} if there is no pip, no network, or the file is not the pinned one.
 */
async function downloadWheel(wheel, folder, onProgress) {
  if (process.env.SYNTHMR_OFFLINE)
    throw new SetupError("SYNTHMR_OFFLINE is set", "unset it", { offline: true });
  const pip = findPip();
  if (pip === undefined)
    throw new SetupError(
      "no Python with pip was found",
      "install Python 3 with pip (Debian: apt install python3-pip)",
    );
  const [target, temporary, requirements] = [
    join(folder, "wheel"),
    join(folder, "tmp"),
    join(folder, "requirements.txt"),
  ];
  mkdirSync(target, { recursive: true });
  mkdirSync(temporary, { recursive: true });
  writeFileSync(requirements, `${wheel.package}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  const { code, output } = await runProgram([...pip.command, ...pipArguments(wheel, requirements, target)], {
    env: { ...process.env, TMPDIR: temporary, PYTHONWARNINGS: "ignore" },
    everyMs: 250,
    onTick: () => onProgress(largestFile(folder)),
  });
  const [name] = code === 0 ? readdirSync(target) : [];
  if (name === undefined) throw explain(wheel, output);
  const path = join(target, name);
  if ((await sha256OfFile(path)) !== wheel.sha256)
    throw new SetupError(`${name} is not the pinned file (SHA-256 differs)`, CONNECT);
  return path;
}

/**
 * @param {import("./manifest").Wheel} wheel
 * @param {string} requirements
 * @param {string} target
 */
function pipArguments(wheel, requirements, target) {
  return [
    ...["download", "--no-deps", "--only-binary", ":all:", "--implementation", "cp"],
    ...["--python-version", wheel.pythonVersion, "--abi", wheel.abi],
    ...wheel.platforms.flatMap((platform) => ["--platform", platform]),
    ...["--require-hashes", "-r", requirements, "--dest", target],
    // A quarter of a gigabyte would stay in pip's cache for ever, beside the unpacked files.
    ...[
      "--no-cache-dir",
      "--no-input",
      "--retries",
      "2",
      "--progress-bar",
      "off",
      "--disable-pip-version-check",
    ],
  ];
}

/**
 * @param {import("./manifest").Wheel} wheel
 * @param {string} output
 */
function explain(wheel, output) {
  const what = `${wheel.package} ${wheel.version}`;
  if (/DO NOT MATCH THE HASHES/i.test(output))
    return new SetupError(
      `the package index gives another file for ${what} than the pinned one`,
      "use the index pypi.org (PIP_INDEX_URL)",
    );
  if (/No space left/i.test(output))
    return new SetupError(
      `the disk is full: ${what} could not be downloaded`,
      "free some space or set SYNTHMR_CACHE",
    );
  if (UNREACHABLE.test(output))
    return new SetupError(`no network: pip could not get ${what}`, CONNECT, { offline: true });
  return new SetupError(`pip could not get ${what}: ${lastLines(output, 2).replaceAll("\n", " ")}`, CONNECT);
}

/**
 * pip has no way to tell its progress that all its versions know, but the file that it writes grows.
 *
 * @param {string} folder
 */
function largestFile(folder) {
  let largest = 0;
  for (const name of readdirSync(folder, { recursive: true })) {
    try {
      largest = Math.max(largest, statSync(join(folder, String(name))).size);
    } catch {
      // pip moves its files about meanwhile.
    }
  }
  return largest;
}

module.exports = { downloadWheel };
