// Trains a tiny pair of networks by name in a folder, from its last checkpoint on: the process that
// kill-and-resume-gan.ts kills. Says each step.
import { startBackend } from "../../lib/backend/start";
import { trainGan } from "../../lib/training/gan/train-gan";
import { TINY_GANS, tinyGanRun } from "../training/tiny-gan";

async function main(name: string, folder: string, checkpointEverySec: number): Promise<void> {
  const gan = TINY_GANS.find(([known]) => known === name)?.[1];
  if (gan === undefined) throw new Error(`no networks are named ${name}`);
  await startBackend({ precision: "float32" });
  const run = tinyGanRun(folder, gan);
  const onProgress = ({ stepsDone }: { readonly stepsDone: number }) =>
    process.stdout.write(`${stepsDone}\n`);
  await trainGan({ ...run, loop: { ...run.loop, checkpointEverySec, onProgress } });
}

void main(process.argv[2] ?? "", process.argv[3] ?? "", Number(process.argv[4] ?? 0));
