import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { explainFileError, InputError } from "../errors";
import { writeJsonAtomic } from "../storage/atomic-write";
import { PROJECT_ROOT } from "../storage/project-root";
import { kernelEnvironment } from "./kernel-environment";

/** Where Jupyter shall find the kernel; this user's folder where nothing is said. */
export interface KernelspecPlace {
  readonly user?: boolean;
  readonly sysPrefix?: boolean;
  readonly prefix?: string;
}

export const KERNEL_NAME = "synthmr";
export const KERNEL_DISPLAY_NAME = "SynthMR (TypeScript)";

/**
 * Writes the kernelspec. It holds the absolute paths of Node and of this project, so that it must be installed
 * again after either has moved.
 *
 * @returns The folder of the kernelspec.
 * @throws InputError if the project is not built, or the folder cannot be written.
 */
export function installKernelspec(place: KernelspecPlace): string {
  const entry = join(PROJECT_ROOT, "dist", "kernel", "kernel-main.js");
  if (!existsSync(entry))
    throw new InputError(entry, "the library is not built", "Run npx synthmr setup first");
  const folder = kernelspecFolder(place);
  writeJsonAtomic(join(folder, "kernel.json"), {
    argv: [process.execPath, entry, "{connection_file}"],
    display_name: KERNEL_DISPLAY_NAME,
    language: "typescript",
    interrupt_mode: "signal",
    env: kernelEnvironment(process.env),
    metadata: { debugger: false },
  });
  return folder;
}

/**
 * Removes the kernelspec.
 *
 * @returns The folder that was removed.
 * @throws InputError if there is none.
 */
export function uninstallKernelspec(place: KernelspecPlace): string {
  const folder = kernelspecFolder(place);
  if (!existsSync(join(folder, "kernel.json"))) throw new InputError(folder, "no kernel is installed here");
  try {
    rmSync(folder, { recursive: true });
  } catch (error) {
    throw explainFileError(folder, error);
  }
  return folder;
}

/** The folder in which Jupyter looks for this kernel. */
export function kernelspecFolder(place: KernelspecPlace): string {
  const prefix = pythonPrefixOf(place);
  return prefix === null ? join(userDataFolder(), "kernels", KERNEL_NAME) : inPrefix(prefix);
}

/** The Python environment that a place belongs to; null for this user's folder. */
export function pythonPrefixOf(place: KernelspecPlace): string | null {
  if (place.prefix !== undefined) return resolve(place.prefix);
  return place.sysPrefix === true ? pythonPrefix() : null;
}

function inPrefix(prefix: string): string {
  return join(prefix, "share", "jupyter", "kernels", KERNEL_NAME);
}

/** Jupyter's data folder of this user. @see jupyter_core.paths.jupyter_data_dir */
export function userDataFolder(): string {
  const { env, platform } = process;
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR;
  if (platform === "darwin") return join(homedir(), "Library", "Jupyter");
  if (platform === "win32") return join(env.APPDATA ?? join(homedir(), "AppData", "Roaming"), "jupyter");
  return join(env.XDG_DATA_HOME ?? join(homedir(), ".local", "share"), "jupyter");
}

/** The prefix of the active environment; of the Python on the path where none is active. */
function pythonPrefix(): string {
  const active = process.env.VIRTUAL_ENV ?? process.env.CONDA_PREFIX;
  if (active) return active;
  const python = process.platform === "win32" ? "python" : "python3";
  const { status, stdout } = spawnSync(python, ["-c", "import sys; print(sys.prefix)"], { encoding: "utf8" });
  if (status !== 0) throw new InputError("--sys-prefix", `${python} cannot be run`, "Use --prefix instead");
  return stdout.trim();
}
