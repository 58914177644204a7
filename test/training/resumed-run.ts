import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";
import type { Precision } from "../../lib/backend/start";
import type { TrainedDiffusion } from "../../lib/training/diffusion/train-diffusion";

/**
 * Trains the tiny model in another process, which is killed some milliseconds after a step: anywhere in the
 * next step or in the writing of a checkpoint.
 */
export async function trainAndKill(
  folder: string,
  precision: Precision,
  step: number,
  delayMs: number,
): Promise<void> {
  const child = spawn(
    process.execPath,
    ["-r", "ts-node/register/transpile-only", join(__dirname, "resume-child.ts"), folder, precision],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let errors = "";
  child.stderr.on("data", (bytes: Buffer) => (errors += bytes.toString()));
  const ended = new Promise<string | number | null>((resolve) => {
    child.on("close", (code, signal) => {
      resolve(signal ?? code);
    });
  });
  let output = "";
  child.stdout.on("data", (bytes: Buffer) => {
    output += bytes.toString();
    if (Number(output.trim().split("\n").at(-1)) >= step)
      void sleep(delayMs).then(() => child.kill("SIGKILL"));
  });
  assert.is(await ended, "SIGKILL", errors);
}

/** Every trained value by its path. */
export function trainedValues({ params }: TrainedDiffusion): Map<string, Uint8Array> {
  const bytes = (values: ArrayBufferView) => new Uint8Array(values.buffer.slice(0));
  return new Map([...params.variables].map(([path, variable]) => [path, bytes(variable.dataSync())]));
}
