import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../lib/storage/project-root";

/** What a command left behind. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  /** Lines of the standard error that are not empty. */
  readonly faults: readonly string[];
}

/** Runs `synthmr` in a process of its own, from its sources. */
export function runCommand(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Outcome {
  return runScript(join("lib", "cli", "main.ts"), words, environment);
}

/** The same of any script of the project. */
export function runScript(
  script: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Outcome {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["-r", "ts-node/register/transpile-only", join(PROJECT_ROOT, script), ...words],
    {
      encoding: "utf8",
      cwd: PROJECT_ROOT,
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "2", NO_COLOR: "1", ...environment },
    },
  );
  return { code: status, out: stdout, faults: stderr.split("\n").filter((line) => line !== "") };
}
