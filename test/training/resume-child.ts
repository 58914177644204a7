import { startBackend, type Precision } from "../../lib/backend/start";
import { trainDiffusion } from "../../lib/training/diffusion/train-diffusion";
import { TINY_BFLOAT16, TINY_DIFFUSION, tinyRun } from "./tiny-diffusion";

/** Trains the tiny model and says each step: the process that the tests of resuming kill. */
async function main(folder: string, precision: Precision): Promise<void> {
  await startBackend({ precision });
  const run = tinyRun(folder, precision === "bfloat16" ? TINY_BFLOAT16 : TINY_DIFFUSION);
  const onProgress = ({ stepsDone }: { readonly stepsDone: number }) =>
    process.stdout.write(`${stepsDone}\n`);
  await trainDiffusion({ ...run, loop: { ...run.loop, onProgress } });
}

void main(process.argv[2] ?? "", process.argv[3] === "bfloat16" ? "bfloat16" : "float32");
