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
    .description("Make the kernel known to JupyterLab, VS Code, papermill and other Jupyter front ends.")
    .action(async (options: PlaceOptions) => {
      const { installKernelspec, pythonPrefixOf } = await import("../kernel/kernelspec");
      const { packageVersion } = await import("../kernel/kernel-requests");
      const { installPapermillPlugin } = await import("../kernel/papermill-plugin");
      const version = packageVersion();
      console.log(`installed synthmr ${version}: ${installKernelspec(options)}`);
      const prefix = pythonPrefixOf(options);
      const taught = prefix === null ? [] : installPapermillPlugin(prefix, version);
      for (const folder of taught) console.log(`papermill writes parameters in TypeScript: ${folder}`);
    });
  withPlace(kernel.command("uninstall"))
    .description("Remove what install wrote.")
    .action(async (options: PlaceOptions) => {
      const { pythonPrefixOf, uninstallKernelspec } = await import("../kernel/kernelspec");
      const { uninstallPapermillPlugin } = await import("../kernel/papermill-plugin");
      const prefix = pythonPrefixOf(options);
      if (prefix !== null) uninstallPapermillPlugin(prefix);
      console.log(`removed ${uninstallKernelspec(options)}`);
    });
}

function withPlace(command: Command): Command {
  return command
    .addOption(new Option("--user", "for this user (default)").conflicts(["sysPrefix", "prefix"]))
    .addOption(new Option("--sys-prefix", "in the active Python environment").conflicts("prefix"))
    .option("--prefix <folder>", "in <folder>/share/jupyter/kernels");
}
