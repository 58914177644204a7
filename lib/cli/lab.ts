import type { Command } from "commander";

/** `synthmr lab`: the notebooks in JupyterLab, from a Python environment of its own. */
export function register(program: Command): void {
  program
    .command("lab")
    .description("Open the notebooks in JupyterLab; it is installed into the cache on first use.")
    .argument("[arguments...]", "passed on to JupyterLab, e.g. --port 9000")
    .allowUnknownOption()
    .action(async (args: readonly string[]) => {
      const { startLab } = await import("../kernel/jupyter-lab");
      process.exitCode = await startLab(args);
    });
}
