import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { installKernelspec } from "../../lib/kernel/kernelspec";
import { cacheFolder } from "../../lib/storage/cache-folder";
import { PROJECT_ROOT } from "../../lib/storage/project-root";

const REQUIREMENTS = join(__dirname, "python", "requirements.txt");
/** Where an environment on Windows has its packages: the one place that names no version of Python. */
const PACKAGES = join("Lib", "site-packages");
const PROBE_MS = 20_000;
const READY = "ready";
const INSTALL_MS = 180_000;

/** A folder of Python packages, Jupyter's test packages and the kernel among them. */
export interface PythonEnvironment {
  readonly folder: string;
  /** How Python and its pip are called. */
  readonly python: string;
}

/**
 * The pinned packages, put into the cache when they are first needed. Where the runner of the tests has tried
 * that before, it is not tried again.
 *
 * @returns The environment; else, in one line, why it cannot be had.
 */
export function pythonEnvironment(): PythonEnvironment | string {
  const told = process.env.SYNTHMR_TEST_PYTHON;
  return told === undefined || told === READY ? prepareEnvironment() : told;
}

function prepareEnvironment(): PythonEnvironment | string {
  if (!existsSync(join(PROJECT_ROOT, "dist", "kernel", "kernel-main.js"))) return "the library is not built";
  const python = process.env.PYTHON ?? "python3";
  const version = spawnSync(python, ["-c", "import sys; print(sys.version_info[:2])"], { encoding: "utf8" });
  if (version.status !== 0) return "there is no Python 3";
  const key = createHash("sha256").update(version.stdout).update(readFileSync(REQUIREMENTS)).digest("hex");
  const folder = join(cacheFolder(), `jupyter-test-${key.slice(0, 12)}`);
  if (!existsSync(folder)) {
    const reason = installPackages(python, folder);
    if (reason !== null) return reason;
  }
  installKernelspec({ prefix: folder });
  return { folder, python };
}

function installPackages(python: string, folder: string): string | null {
  const partial = `${folder}.partial-${process.pid}`;
  const pip = ["-m", "pip", "--disable-pip-version-check", "--quiet", "--timeout", "5", "--retries", "0"];
  const into = ["--target", join(partial, PACKAGES)];
  try {
    // Asked for one small package first: without a network this ends at once.
    const probe = [...pip, "download", "--no-deps", "--dest", join(partial, "probe"), "traitlets==5.16.1"];
    if (!succeeds(python, probe, PROBE_MS)) return "Python's packages cannot be downloaded";
    if (!succeeds(python, [...pip, "install", ...into, "--requirement", REQUIREMENTS], INSTALL_MS))
      return "Python's packages cannot be installed";
    // Another run of the tests may have been quicker.
    if (!existsSync(folder)) renameSync(partial, folder);
    return null;
  } finally {
    rmSync(partial, { recursive: true, force: true, maxRetries: 3 });
  }
}

function succeeds(program: string, args: readonly string[], timeout: number): boolean {
  return spawnSync(program, args, { stdio: "ignore", timeout, killSignal: "SIGKILL" }).status === 0;
}

/** Runs a program of the environment and gives what it wrote. */
export function runPython(
  { python, folder }: PythonEnvironment,
  args: readonly string[],
  cwd: string,
): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(python, args, {
    cwd,
    encoding: "utf8",
    timeout: 240_000,
    env: {
      ...process.env,
      PYTHONPATH: join(folder, PACKAGES),
      JUPYTER_PATH: [folder, join(folder, PACKAGES)]
        .map((place) => join(place, "share", "jupyter"))
        .join(delimiter),
      JUPYTER_PLATFORM_DIRS: "1",
    },
  });
  return { status, output: `${stdout}${stderr}` };
}

if (require.main === module) {
  const environment = pythonEnvironment();
  console.log(typeof environment === "string" ? environment : READY);
}
