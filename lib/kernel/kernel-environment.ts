import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { PROJECT_ROOT } from "../storage/project-root";

/**
 * The environment that a kernel needs beside the user's own: where the packages are, how many threads the
 * backend may use, and quiet TensorFlow logs. What the user has set already stands.
 *
 * @param inherited The environment of the process that starts the kernel.
 */
export function kernelEnvironment(inherited: NodeJS.ProcessEnv): Record<string, string> {
  const threads = String(availableParallelism());
  const wanted: Record<string, string> = {
    SYNTHMR_ROOT: PROJECT_ROOT,
    TF_CPP_MIN_LOG_LEVEL: inherited.TF_CPP_MIN_LOG_LEVEL ?? "3",
    TF_NUM_INTRAOP_THREADS: inherited.TF_NUM_INTRAOP_THREADS ?? threads,
    OMP_NUM_THREADS: inherited.OMP_NUM_THREADS ?? threads,
    NODE_PATH: [join(PROJECT_ROOT, "node_modules"), ...(inherited.NODE_PATH ?? "").split(delimiter)]
      .filter((path, index, paths) => path !== "" && paths.indexOf(path) === index)
      .join(delimiter),
  };
  if (inherited.SYNTHMR_CACHE !== undefined) wanted.SYNTHMR_CACHE = inherited.SYNTHMR_CACHE;
  return wanted;
}
