import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputError } from "../../../lib/errors";
import { fromFloat32, toFloat32 } from "../../../lib/storage/safetensors";
import { readLatestCheckpoint } from "../../../lib/training/loop/checkpoint";
import { RunLog } from "../../../lib/training/loop/run-log";
import {
  InterruptedError,
  runTraining,
  TrainingDivergedError,
  type LoopOptions,
  type LoopProgress,
  type TrainingTask,
} from "../../../lib/training/loop/training-loop";
import { temporaryFolder } from "../../temporary-folder";

const test = suite("training loop");

const EVERY_STEP: LoopOptions = { checkpointEverySec: -1, logEverySteps: 1 };
const AT_THE_END: LoopOptions = { checkpointEverySec: 3600, logEverySteps: 1 };

/** A run whose state is the list of steps it has done, and whose loss is 1 / (step + 1). */
function counting(folder: string, change: Partial<TrainingTask> = {}): TrainingTask & { done: number[] } {
  const done: number[] = [];
  return {
    folder,
    configHash: "counting",
    totalSteps: 10,
    imagesBefore: (step) => 4 * step,
    learningRate: (step) => 0.1 * step,
    step: (index) => 1 / (done.push(index), index + 1),
    save: () => new Map([["done", fromFloat32(Float32Array.from(done), [done.length])]]),
    restore: (state) => {
      const stored = state.get("done");
      if (stored !== undefined) done.push(...toFloat32(stored));
    },
    done,
    ...change,
  };
}

/** The error that a run ends with. */
async function failure(run: Promise<unknown>): Promise<Error> {
  try {
    await run;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("the run did not fail");
}

const savedStep = (folder: string) => readLatestCheckpoint(folder, "counting")?.progress.step;
const loggedSteps = (folder: string) => new RunLog(folder).read().map(({ step }) => step);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

test("does every step once, in order, and ends with a checkpoint", async () => {
  const folder = join(temporaryFolder(), "made", "here");
  const task = counting(folder);
  const { stepsDone, imagesSeen, resumedAt } = await runTraining(task, AT_THE_END);
  assert.equal(task.done, upTo(10));
  assert.equal([stepsDone, imagesSeen, resumedAt], [10, 40, 0]);
  assert.is(savedStep(folder), 10);
});

test("logs the mean loss of the steps since the line before, and reports it", async () => {
  const folder = temporaryFolder();
  const seen: LoopProgress[] = [];
  const onProgress = (progress: LoopProgress) => seen.push(progress);
  await runTraining(counting(folder), { ...AT_THE_END, logEverySteps: 4, onProgress });
  const lines = new RunLog(folder).read();
  assert.equal(
    lines.map(({ step }) => step),
    [4, 8, 10],
  );
  // (1 + 1/2 + 1/3 + 1/4) / 4 and (1/9 + 1/10) / 2; the rate is that of the last step done.
  assert.ok(Math.abs((lines[0]?.loss ?? 0) - 25 / 48) < 1e-12);
  assert.ok(Math.abs((lines[2]?.loss ?? 0) - 19 / 180) < 1e-12);
  assert.ok(Math.abs((lines[1]?.learningRate ?? 0) - 0.7) < 1e-12);
  assert.equal(
    lines.map(({ imagesSeen }) => imagesSeen),
    [16, 32, 40],
  );
  assert.ok(lines.every(({ imagesPerSec, residentMb }) => imagesPerSec > 0 && residentMb > 10));
  assert.equal(
    seen.map(({ stepsDone }) => stepsDone),
    [4, 8, 10],
  );
});

test("waits for what is to be done after a step", async () => {
  const order: string[] = [];
  const task = counting(temporaryFolder(), {
    totalSteps: 2,
    afterStep: async (stepsDone) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push(`after ${stepsDone}`);
    },
    save: () => (order.push("save"), new Map()),
  });
  await runTraining(task, EVERY_STEP);
  assert.equal(order, ["after 1", "save", "after 2", "save"]);
});

test("goes on from its checkpoint and does nothing twice", async () => {
  const folder = temporaryFolder();
  const error = await failure(runTraining(counting(folder, { step: failAt(6) }), EVERY_STEP));
  assert.match(error.message, /power cut/);
  const task = counting(folder);
  const { resumedAt } = await runTraining(task, EVERY_STEP);
  assert.is(resumedAt, 6);
  assert.equal(task.done.slice(-4), [6, 7, 8, 9]);
  const again = counting(folder);
  assert.is((await runTraining(again, EVERY_STEP)).resumedAt, 10);
  assert.is(again.done.length, task.done.length - 6 + 6);
});

/** Steps that end with an error at one index. */
function failAt(index: number): (step: number) => number {
  return (step) => {
    if (step === index) throw new Error("power cut");
    return 1;
  };
}

test("drops log lines of steps that are done again, and adds up the time", async () => {
  const folder = temporaryFolder();
  await failure(runTraining(counting(folder, { step: failAt(3) }), EVERY_STEP));
  // Steps 4 and 5 were logged, but no checkpoint holds them.
  await failure(runTraining(counting(folder, { step: failAt(5) }), AT_THE_END));
  assert.equal(loggedSteps(folder), [1, 2, 3, 4, 5]);
  assert.is(savedStep(folder), 3);
  const before = readLatestCheckpoint(folder, "counting")?.progress.durationSec ?? 0;
  const { durationSec } = await runTraining(counting(folder), AT_THE_END);
  assert.equal(loggedSteps(folder), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.ok(durationSec > before);
});

for (const loss of [Number.NaN, Infinity, -Infinity]) {
  test(`stops at a loss of ${loss} with the step, the last good checkpoint and what was seen`, async () => {
    const folder = temporaryFolder();
    const task = counting(folder, { step: (index) => (index === 6 ? loss : 1 / (index + 1)) });
    const error = await failure(runTraining(task, EVERY_STEP));
    assert.instance(error, TrainingDivergedError);
    assert.match(error.message, `the loss became ${loss} at step 7 of 10`);
    assert.match(error.message, "0.2500 at step 4, 0.2000 at step 5, 0.1667 at step 6");
    assert.match(error.message, join(folder, "checkpoint-00000006.safetensors"));
    assert.is(savedStep(folder), 6);
  });
}

test("says so where the loss is NaN before any checkpoint", async () => {
  const folder = temporaryFolder();
  const error = await failure(runTraining(counting(folder, { step: () => Number.NaN }), EVERY_STEP));
  assert.match(error.message, /at step 1 of 10; mean losses before: none logged; no checkpoint was written/);
  assert.is(savedStep(folder), undefined);
});

for (const value of [Number.NaN, Infinity]) {
  test(`keeps no checkpoint of weights that became ${value}, though the loss is finite`, async () => {
    const folder = temporaryFolder();
    const task = counting(folder);
    // The update of step 7 breaks the weights; its loss was taken before.
    const step = (index: number) => (task.done.push(index === 6 ? value : index), 1);
    const error = await failure(runTraining({ ...task, step }, EVERY_STEP));
    assert.instance(error, TrainingDivergedError);
    assert.match(error.message, "done is no longer finite after step 7 of 10");
    assert.match(error.message, join(folder, "checkpoint-00000006.safetensors"));
    assert.is(savedStep(folder), 6);
  });
}

test("takes a NaN among doubles for what it is: a value that is not defined", async () => {
  const folder = temporaryFolder();
  const bytes = new Uint8Array(Float64Array.of(Number.NaN).buffer);
  const save = () => new Map([["course", { dtype: "F64", shape: [1], bytes } as const]]);
  await runTraining(counting(folder, { save }), EVERY_STEP);
  assert.is(savedStep(folder), 10);
});

test("writes a checkpoint when it is stopped in a step, then says where it stopped", async () => {
  const folder = temporaryFolder();
  const controller = new AbortController();
  const step = (index: number) => {
    if (index === 3) controller.abort();
    return 1;
  };
  const options = { ...AT_THE_END, signal: controller.signal };
  const error = await failure(runTraining(counting(folder, { step }), options));
  assert.instance(error, InterruptedError);
  assert.match(error.message, /stopped after 4 of 10 steps; run again to go on/);
  assert.is(savedStep(folder), 4);
});

test("writes a checkpoint when it is stopped between steps, as by a signal to the process", async () => {
  const folder = temporaryFolder();
  const controller = new AbortController();
  const step = (index: number) => {
    // Handlers of signals and timers run only once the step has returned.
    if (index === 3)
      setImmediate(() => {
        controller.abort();
      });
    return 1;
  };
  const options = { ...AT_THE_END, signal: controller.signal };
  assert.instance(await failure(runTraining(counting(folder, { step }), options)), InterruptedError);
  assert.is(savedStep(folder), 4);
  assert.is((await runTraining(counting(folder), AT_THE_END)).resumedAt, 4);
});

test("ends well where it is stopped in its last step", async () => {
  const folder = temporaryFolder();
  const controller = new AbortController();
  const step = (index: number) => {
    if (index === 9) controller.abort();
    return 1;
  };
  const { stepsDone } = await runTraining(counting(folder, { step }), {
    ...AT_THE_END,
    signal: controller.signal,
  });
  assert.is(stepsDone, 10);
  assert.is(savedStep(folder), 10);
});

test("refuses a folder of another config and leaves it as it is", async () => {
  const folder = temporaryFolder();
  await runTraining(counting(folder), EVERY_STEP);
  const before = readdirSync(folder);
  const error = await failure(runTraining(counting(folder, { configHash: "other" }), EVERY_STEP));
  assert.instance(error, InputError);
  assert.match(error.message, /belongs to a run with other settings/);
  assert.equal(readdirSync(folder), before);
  assert.equal(
    loggedSteps(folder),
    upTo(10).map((i) => i + 1),
  );
});

test("says so where its folder cannot be made, before any step", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "");
  for (const below of ["file", "file/run"]) {
    const task = counting(join(folder, below));
    assert.instance(await failure(runTraining(task, EVERY_STEP)), InputError);
    assert.is(task.done.length, 0);
  }
  assert.ok(existsSync(join(folder, "file")));
});

test.run();
