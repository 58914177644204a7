import { readdirSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startBackend } from "../../lib/backend/start";
import { readSafetensors } from "../../lib/storage/safetensors";
import { trainDiffusion } from "../../lib/training/diffusion/train-diffusion";
import { temporaryFolder } from "../temporary-folder";
import { trainAndKill, trainedValues } from "./resumed-run";
import { tinyRun } from "./tiny-diffusion";

const test = suite("resumed training");

/** Steps after which a process is killed, and how much later. */
const KILLS = [
  [3, 0],
  [9, 7],
] as const;

/** The tensors of the last checkpoint; its metadata differ by the time that the run took. */
function lastTensors(folder: string): unknown {
  const name = readdirSync(folder)
    .filter((entry) => entry.endsWith(".safetensors"))
    .sort()
    .at(-1);
  return readSafetensors(join(folder, name ?? "none")).tensors;
}

test("gives the same bytes after kills as without any", async () => {
  await startBackend({ precision: "float32" });
  const [whole, killed] = [temporaryFolder(), temporaryFolder()];
  const expected = await trainDiffusion(tinyRun(whole));
  assert.is(expected.outcome.resumedAt, 0);

  for (const [step, delayMs] of KILLS) await trainAndKill(killed, "float32", step, delayMs);
  const resumed = await trainDiffusion(tinyRun(killed));
  // A step is told before its checkpoint is written, so that the kill may come between the two.
  assert.ok(resumed.outcome.resumedAt >= 8 && resumed.outcome.resumedAt < 20, `${resumed.outcome.resumedAt}`);
  assert.is(resumed.outcome.stepsDone, 20);
  assert.ok(resumed.outcome.durationSec > 0);

  assert.equal(trainedValues(resumed), trainedValues(expected));
  assert.equal(lastTensors(killed), lastTensors(whole));
});

test.run();
