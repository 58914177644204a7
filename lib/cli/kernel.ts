import { type Command, Option } from "commander";

interface PlaceOptions {
  readonly user?: boolean;
  readonly sysPrefix?: boolean;
  readonly prefix?: string;
}

/** `synthmr kernel`: make the kernel known to JupyterLab and VS Code, or forgotten. */
export function register(program: Command): void {
  const kernel = program.command("kernel").description("The Jupyter kernel: install or uninstall.");
  withPlace(kernel.command("install"))
    .description("Make the kernel known to JupyterLab, VS Code and other Jupyter front ends.")
    .action(async (options: PlaceOptions) => {
      const { installKernelspec } = await import("../kernel/kernelspec");
      console.log(`installed ${installKernelspec(options)}`);
    });
  withPlace(kernel.command("uninstall"))
    .description("Remove what install wrote.")
    .action(async (options: PlaceOptions) => {
      const { uninstallKernelspec } = await import("../kernel/kernelspec");
      console.log(`removed ${uninstallKernelspec(options)}`);
    });
}

function withPlace(command: Command): Command {
  return command
    .addOption(new Option("--user", "for this user (default)").conflicts(["sysPrefix", "prefix"]))
    .addOption(new Option("--sys-prefix", "in the active Python environment").conflicts("prefix"))
    .option("--prefix <folder>", "in <folder>/share/jupyter/kernels");
}
