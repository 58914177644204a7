import { suite } from "uvu";
import * as assert from "uvu/assert";
import { disableProducts, enableProducts, supportsBfloat16 } from "../../lib/backend/mixed-precision";
import { startBackend } from "../../lib/backend/start";
import { trainDiffusion } from "../../lib/training/diffusion/train-diffusion";
import { temporaryFolder } from "../temporary-folder";
import { trainAndKill, trainedValues } from "./resumed-run";
import { TINY_BFLOAT16, tinyRun } from "./tiny-diffusion";

const test = suite("resumed training");

test("gives the same bytes after a kill as without, in bfloat16", async () => {
  await startBackend({ precision: "float32" });
  if (!supportsBfloat16()) {
    console.log("skipped: bfloat16 is not available here");
    return;
  }
  enableProducts("bfloat16");
  const [whole, killed] = [temporaryFolder(), temporaryFolder()];
  const expected = await trainDiffusion(tinyRun(whole, TINY_BFLOAT16));
  await trainAndKill(killed, "bfloat16", 4, 20);
  const resumed = await trainDiffusion(tinyRun(killed, TINY_BFLOAT16));
  assert.ok(resumed.outcome.resumedAt >= 3 && resumed.outcome.resumedAt < 10, `${resumed.outcome.resumedAt}`);
  assert.equal(trainedValues(resumed), trainedValues(expected));

  // Not because bfloat16 was left out: float32 gives other values.
  disableProducts();
  const exact = await trainDiffusion(tinyRun(temporaryFolder(), TINY_BFLOAT16));
  assert.not.equal(trainedValues(exact), trainedValues(expected));
});

test.run();
