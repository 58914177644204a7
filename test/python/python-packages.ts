import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findPip } from "../../lib/setup/python";
import { firstLine } from "../../lib/setup/run-program";
import { cacheFolder } from "../../lib/storage/cache-folder";
import { sha256 } from "../../lib/storage/content-hash";

/** A Python that can import what `requirements.txt` beside this file names. */
export interface PythonWithPackages {
  /** Runs a script of this folder. @returns What it printed. @throws Error with its own message if it fails. */
  run(script: string, ...words: readonly string[]): string;
}

/**
 * The other programs that tests compare with: nibabel, NumPy and SimpleITK, in the versions of
 * `requirements.txt`. They are installed once, by the user's own pip, into `python-<hash>` of the user's cache,
 * and nowhere else; remove that folder to have them installed anew.
 *
 * @returns A sentence that says why, where they cannot be had.
 */
export function pythonPackages(): PythonWithPackages | string {
  const pip = findPip();
  const python = pip?.command[0];
  if (pip === undefined || python === undefined || pip.command.length === 1)
    return "no Python with pip was found";
  const requirements = join(__dirname, "requirements.txt");
  const version = firstLine([python, "--version"]) ?? "";
  const hash = sha256(readFileSync(requirements), Buffer.from(version)).slice(0, 16);
  const folder = join(cacheFolder(), `python-${hash}`);
  if (!existsSync(folder)) {
    const fault = install([...pip.command], requirements, folder);
    if (fault !== undefined) return fault;
  }
  return {
    run: (script, ...words) => {
      const { status, stdout, stderr } = spawnSync(python, [join(__dirname, script), ...words], {
        encoding: "utf8",
        env: { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1" },
        maxBuffer: 2 ** 28,
      });
      if (status !== 0) throw new Error(`${script} failed:\n${stderr}`);
      return stdout;
    },
  };
}

/** Installs aside and moves the folder to its place, so that two tests at once do no harm. */
function install(
  [python = "", ...pip]: readonly string[],
  requirements: string,
  folder: string,
): string | undefined {
  if (process.env["SYNTHMR_OFFLINE"])
    return "nibabel, NumPy and SimpleITK are not installed, and SYNTHMR_OFFLINE is set";
  const aside = `${folder}.${process.pid}.part`;
  mkdirSync(aside, { recursive: true });
  const quiet = ["--quiet", "--no-input", "--disable-pip-version-check", "--retries", "1", "--timeout", "20"];
  const words = ["install", ...quiet, "--only-binary", ":all:", "--target", aside, "-r", requirements];
  const { status, stderr } = spawnSync(python, [...pip, ...words], { encoding: "utf8" });
  try {
    if (status !== 0)
      return `pip could not install nibabel, NumPy and SimpleITK: ${stderr.trim().split("\n").at(-1) ?? ""}`;
    if (!existsSync(folder)) renameSync(aside, folder);
    return undefined;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
