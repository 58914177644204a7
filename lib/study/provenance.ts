import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem, type as systemType, release } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { BackendInfo } from "../backend/start";
import { PROJECT_ROOT } from "../storage/project-root";

/** What produced a result, so that a number can be traced to it. */
export const provenanceSchema = z.object({
  package: z.string(),
  /** Commit of the working tree; with "+" where it has changes; null outside a checkout. */
  commit: z.string().nullable(),
  node: z.string(),
  backend: z.object({
    backend: z.enum(["tensorflow", "wasm"]),
    device: z.enum(["cpu", "gpu"]),
    threads: z.number(),
    tensorflowVersion: z.string().nullable(),
    tfjsVersion: z.string(),
    precision: z.enum(["float32", "bfloat16", "float64", "mixed"]),
    warning: z.string().nullable(),
  }) satisfies z.ZodType<BackendInfo>,
  system: z.string(),
  processor: z.string(),
  cores: z.number(),
  memoryGb: z.number(),
  /** Versions of the packages that compute or draw. */
  dependencies: z.record(z.string(), z.string()),
});
export type Provenance = z.infer<typeof provenanceSchema>;

const TRACED = [
  "@tensorflow/tfjs-node",
  "danfojs-node",
  "plotly.js-dist-min",
  "nifti-reader-js",
  "tslab",
  "typescript",
];

/** Collects where and with what the present process computes. */
export function provenance(backend: BackendInfo): Provenance {
  const { name, version } = packageOf(PROJECT_ROOT);
  return {
    package: `${name} ${version}`,
    commit: commitOf(PROJECT_ROOT),
    node: process.version,
    backend,
    system: `${systemType()} ${release()}, ${process.arch}`,
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    dependencies: Object.fromEntries(
      TRACED.map((dependency) => [
        dependency,
        packageOf(join(PROJECT_ROOT, "node_modules", dependency)).version,
      ]),
    ),
  };
}

function packageOf(folder: string): { readonly name: string; readonly version: string } {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      name: string;
      version: string;
    };
  } catch {
    return { name: "unknown", version: "not installed" };
  }
}

function commitOf(folder: string): string | null {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
    return git("rev-parse", "--short=12", "HEAD") + (changed ? "+" : "");
  } catch {
    return null;
  }
}
