// Trains a tiny generator by name in a folder, from its last checkpoint on: the process that
// kill-and-resume-generator.ts kills. Says the number of each step that is done.
import { startBackend } from "../../lib/backend/start";
import { TINY_GENERATORS } from "./tiny-generators";

async function main(name: string, folder: string, checkpointEverySec: number): Promise<void> {
  const generator = TINY_GENERATORS.find((known) => known.name === name);
  if (generator === undefined) throw new Error(`no generator is named ${name}`);
  await startBackend({ precision: "float32" });
  const onProgress = ({ stepsDone }: { readonly stepsDone: number }) =>
    process.stdout.write(`${stepsDone}\n`);
  await generator.train(folder, { checkpointEverySec, logEverySteps: 1, onProgress });
}

void main(process.argv[2] ?? "", process.argv[3] ?? "", Number(process.argv[4] ?? 0));
