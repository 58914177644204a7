import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { z } from "zod";
import { explainFileError, InputError } from "../errors";
import { userDataFolder } from "./kernelspec";

const KERNELSPEC = z.object({
  argv: z.array(z.string()).min(1),
  env: z.record(z.string(), z.string()).default({}),
  interrupt_mode: z.enum(["signal", "message"]).default("signal"),
});

/** How a kernel is started, under the names of its kernelspec. */
export type Kernelspec = z.infer<typeof KERNELSPEC>;

/**
 * Finds an installed kernel where Jupyter looks for it.
 *
 * @returns Its kernelspec.
 * @throws InputError if there is no such kernel, or if its file is malformed.
 */
export function findKernelspec(name: string): Kernelspec {
  const path = dataFolders()
    .map((folder) => join(folder, "kernels", name, "kernel.json"))
    .find((candidate) => existsSync(candidate));
  if (path === undefined) throw new InputError(`--kernel ${name}`, "no such kernel is installed");
  try {
    return KERNELSPEC.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError)
      throw new InputError(path, "not a kernelspec");
    throw explainFileError(path, error);
  }
}

/** @see jupyter_core.paths.jupyter_path */
function dataFolders(): readonly string[] {
  const { JUPYTER_PATH = "", VIRTUAL_ENV, CONDA_PREFIX } = process.env;
  const prefixes = [VIRTUAL_ENV, CONDA_PREFIX, "/usr/local", "/usr"].filter(
    (prefix) => prefix !== undefined && prefix !== "",
  );
  return [
    ...JUPYTER_PATH.split(delimiter).filter((folder) => folder !== ""),
    userDataFolder(),
    ...prefixes.map((prefix) => join(String(prefix), "share", "jupyter")),
  ];
}
