import { readdirSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PROJECT_ROOT } from "../../lib/storage/project-root";
import { startSession } from "./session";

const test = suite("interrupting a training run");
const { run, session, folder, end } = startSession();
test.after(end);

test("stops within 2 s with a checkpoint, and goes on from it when it is run again", async () => {
  const from = (path: string): string => `require(${JSON.stringify(join(PROJECT_ROOT, path))})`;
  const opened = await run(`
    const { trainDiffusion } = ${from("lib/training/diffusion/train-diffusion")};
    const { TINY_DIFFUSION, tinyRun } = ${from("test/training/tiny-diffusion")};
    const { interruptSignal } = ${from("lib/display/interrupt")};
    await ${from("lib/backend/start")}.startBackend({ precision: "float32" });
    const training = { ...TINY_DIFFUSION.training, images: 4_000_000 };
    const steps = { done: 0 };
    const train = () => {
      const options = tinyRun("run", { ...TINY_DIFFUSION, training });
      const onProgress = ({ stepsDone }: { stepsDone: number }) => { steps.done = stepsDone; console.log("step", stepsDone); };
      const loop = { checkpointEverySec: 3600, logEverySteps: 1, signal: interruptSignal(), onProgress };
      return trainDiffusion({ ...options, loop });
    };`);
  assert.is(opened.error, null, opened.error?.traceback.join("\n"));
  for (let part = 1; part <= 2; part++) {
    let at = 0;
    const training = run("await train();");
    const timer = setTimeout(() => {
      at = performance.now();
      session.interrupt();
    }, 6000);
    const { status } = await training;
    clearTimeout(timer);
    assert.is(status, "error");
    const stopMs = performance.now() - at;
    assert.ok(at > 0 && stopMs < 2000, `${Math.round(stopMs)} ms`);
    assert.ok(readdirSync(join(folder, "run")).length > 0);
    assert.is((await run("const before: number = steps.done; before > 0")).result, "true");
  }
  const again = run("await train();");
  setTimeout(() => {
    session.interrupt();
  }, 4000);
  const [first] =
    /step (\d+)/
      .exec((await again).text)
      ?.slice(1)
      .map(Number) ?? [];
  assert.ok((first ?? 0) > 1, `went on at step ${first}`);
});

test.run();
