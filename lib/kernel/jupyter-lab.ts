import { spawn, spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../errors";
import { cacheFolder } from "../storage/cache-folder";
import { installKernelspec } from "./kernelspec";
import { PROJECT_ROOT } from "../storage/project-root";

/** Of these versions the whole of SynthMR's notebooks was tried; plotly's wheel brings its renderer. */
const PACKAGES = ["jupyterlab==4.6.6", "plotly==7.1.0"];

/**
 * Opens the notebooks in JupyterLab, from a Python environment in the cache that is made on first use.
 *
 * @param args Arguments for JupyterLab beside those that this sets.
 * @returns JupyterLab's exit code.
 * @throws InputError if there is no Python, or if the packages cannot be had.
 */
export async function startLab(args: readonly string[]): Promise<number> {
  const environment = join(
    cacheFolder(),
    `jupyterlab-${PACKAGES.map((name) => name.split("==")[1]).join("-")}`,
  );
  const lab = join(environment, "bin", "jupyter-lab");
  if (!existsSync(lab)) makeEnvironment(environment);
  installKernelspec({ prefix: environment });
  const folder = `--ServerApp.root_dir=${join(PROJECT_ROOT, "notebooks")}`;
  const child = spawn(lab, [folder, ...asRoot(), ...args], { stdio: "inherit" });
  // Ctrl-C reaches JupyterLab by the terminal; it asks its user before it ends.
  const ignore = (): void => undefined;
  process.on("SIGINT", ignore);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      process.removeListener("SIGINT", ignore);
      resolve(code ?? 1);
    });
  });
}

/** In a container everybody is root; JupyterLab wants to be told that it is meant. */
function asRoot(): readonly string[] {
  return process.getuid?.() === 0 ? ["--allow-root"] : [];
}

/** An environment that was not finished is removed, so that the next start makes it anew. */
function makeEnvironment(folder: string): void {
  console.error("Installing JupyterLab (once, about a minute) ...");
  run("python3", ["-m", "venv", folder], "no Python 3 with venv was found", folder);
  const python = join(folder, "bin", "python");
  run(
    python,
    ["-m", "pip", "install", "--quiet", ...PACKAGES],
    "the packages could not be installed",
    folder,
  );
}

function run(program: string, args: readonly string[], reason: string, folder: string): void {
  const { status } = spawnSync(program, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status === 0) return;
  rmSync(folder, { recursive: true, force: true });
  throw new InputError("lab", reason, "Or run npx synthmr kernel install and start your own JupyterLab");
}
