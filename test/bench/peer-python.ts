import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../../lib/errors";
import { findPip } from "../../lib/setup/python";
import { firstLine } from "../../lib/setup/run-program";
import { cacheFolder } from "../../lib/storage/cache-folder";
import { sha256 } from "../../lib/storage/content-hash";
import { Side } from "./side";

const REQUIREMENTS = join(__dirname, "requirements.txt");
const PEER = join(__dirname, "twins", "peer.py");

/** The other side's Python with the packages of `requirements.txt`. */
export interface PeerPython {
  readonly python: string;
  readonly folder: string;
}

/**
 * Installs PyTorch and the other packages of `requirements.txt` by the user's own pip, once, into `bench-<hash>` of
 * the user's cache and nowhere else; remove that folder to have its 5 GB back.
 *
 * @param say Told before a download.
 * @throws RunError where they cannot be had.
 */
export function preparePeer(say: (line: string) => void): PeerPython {
  const pip = findPip();
  const [python, ...words] = pip?.command ?? [];
  if (python === undefined || words.length === 0) throw new RunError("no Python with pip was found");
  const version = firstLine([python, "--version"]) ?? "";
  const hash = sha256(readFileSync(REQUIREMENTS), Buffer.from(version)).slice(0, 16);
  const folder = join(cacheFolder(), `bench-${hash}`);
  if (!existsSync(folder)) install([python, ...words], folder, say);
  return { python, folder };
}

/** Installs aside and moves the folder to its place, so that it is there whole or not at all. */
function install(
  [python = "", ...pip]: readonly string[],
  folder: string,
  say: (line: string) => void,
): void {
  if (process.env["SYNTHMR_OFFLINE"])
    throw new RunError("PyTorch is not installed, and SYNTHMR_OFFLINE is set");
  say("installing PyTorch for the benchmark, once: about 3 GB to download, 5 GB on the disk");
  const aside = `${folder}.${process.pid}.part`;
  mkdirSync(aside, { recursive: true });
  const quiet = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir", "--retries", "2"];
  const words = ["install", ...quiet, "--only-binary", ":all:", "--target", aside, "-r", REQUIREMENTS];
  const { status, stderr } = spawnSync(python, [...pip, ...words], { encoding: "utf8" });
  try {
    if (status !== 0)
      throw new RunError(`pip could not install PyTorch: ${stderr.trim().split("\n").at(-1) ?? ""}`);
    if (!existsSync(folder)) renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Starts the other side. @param threads As many as this side has. */
export function startPeer({ python, folder }: PeerPython, threads: number): Side {
  return new Side("the twin", [python, PEER, String(threads)], {
    ...process.env,
    PYTHONPATH: folder,
    PYTHONDONTWRITEBYTECODE: "1",
    OMP_NUM_THREADS: String(threads),
    OPENBLAS_NUM_THREADS: String(threads),
  });
}
