import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Where Linux says how much processor time a container may take: "quota period" or "max period", in microseconds. */
const CGROUP_QUOTA = "/sys/fs/cgroup/cpu.max";

/**
 * How many threads an operation may use: `TF_NUM_INTRAOP_THREADS` where it is set, else the processors that
 * Slurm gave (`SLURM_CPUS_PER_TASK`), else those that this process may run on, limited by the container's
 * quota.
 */
export function threadCount(
  env: NodeJS.ProcessEnv = process.env,
  processors = Math.min(availableParallelism(), containerProcessors()),
): number {
  return (
    positiveInteger(env["TF_NUM_INTRAOP_THREADS"]) ??
    positiveInteger(env["SLURM_CPUS_PER_TASK"]) ??
    processors
  );
}

/** The container's quota in whole processors, at least 1; infinite where there is none. */
export function containerProcessors(path = CGROUP_QUOTA): number {
  try {
    const [quota, period] = readFileSync(path, "utf8").trim().split(" ").map(Number);
    const processors = Math.ceil((quota ?? Number.NaN) / (period ?? Number.NaN));
    return processors >= 1 ? processors : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function positiveInteger(text: string | undefined): number | undefined {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : undefined;
}
