import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { InputError } from "../../lib/errors";
import { makeFolder } from "../../lib/storage/make-folder";
import { runStage, stageFolder, type Stage, type StageRecord } from "../../lib/study/stage";
import { testContext } from "./context";

const test = suite("runStage");

/** A stage that counts how often it ran, and writes one file. */
function counting(
  change: Partial<Stage<{ value: number }>> = {},
): Stage<{ value: number }> & { runs: number } {
  const stage = {
    name: "count",
    title: "Counting",
    settings: { from: 1, to: 3 },
    inputs: {},
    schema: z.object({ value: z.number() }),
    files: ["numbers.txt"],
    runs: 0,
    run: (folder: string) => {
      stage.runs++;
      writeFileSync(join(folder, "numbers.txt"), "1 2 3");
      return Promise.resolve({ result: { value: 6 } });
    },
    ...change,
  };
  return stage;
}

const recordOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, "record.json"), "utf8")) as StageRecord<unknown>;

test("runs once, then gives its record", async () => {
  const [context, stage] = [testContext(), counting()];
  const first = await runStage(context, stage);
  const second = await runStage(context, stage);
  assert.is(stage.runs, 1);
  assert.equal(second, first);
  assert.equal(first.result, { value: 6 });
  assert.equal(context.ended, ["Counting", "Counting, reused"]);
});

test("runs once though two ask for it at the same time; the second takes the record", async () => {
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const stage = counting();
  const slow: typeof stage = { ...stage, run: (...of) => gate.then(() => stage.run(...of)) };
  const [first, second] = [testContext(), testContext()];
  const both = Promise.all([
    runStage(first, slow),
    runStage({ ...second, runFolder: first.runFolder }, slow),
  ]);
  setTimeout(open, 100);
  const [one, other] = await both;
  assert.is(stage.runs, 1);
  assert.equal(other, one);
  assert.equal([first.ended, second.ended], [["Counting"], ["Counting, reused"]]);
  assert.not.ok(existsSync(join(one.folder, "stage.lock")));
});

test("waiting for another process ends when it is told to stop", async () => {
  const [context, stage] = [testContext(), counting()];
  const folder = stageFolder(context, stage);
  makeFolder(folder);
  writeFileSync(join(folder, "stage.lock"), `${process.pid} ${hostname()}`);
  const stop = new AbortController();
  setTimeout(() => {
    stop.abort(new Error("stopped"));
  }, 50);
  let failure: unknown;
  await runStage({ ...context, signal: stop.signal }, stage).catch((error: unknown) => (failure = error));
  assert.match(String(failure), /stopped/);
  assert.is(stage.runs, 0);
});

test("writes what the result came from", async () => {
  const context = testContext();
  const input = await runStage(context, counting({ name: "before" }));
  const { folder, key } = await runStage(context, counting({ inputs: { before: input } }));
  const record = recordOf(folder);
  assert.equal(
    [record.stage, record.key, record.settings, record.inputs, record.result],
    ["count", key, { from: 1, to: 3 }, { before: input.key }, { value: 6 }],
  );
  assert.ok(record.durationSec >= 0 && record.durationSec < 10);
  assert.ok(record.peakMemoryMb > 10 && record.peakMemoryMb < 10_000);
});

test("stands in a folder named after it and its key, or as it is told", async () => {
  const context = testContext();
  const { folder, key } = await runStage(context, counting());
  assert.is(folder, join(context.runFolder, `count-${key.slice(0, 8)}`));
  const named = await runStage(context, counting({ folderName: "figures" }));
  assert.is(named.folder, join(context.runFolder, "figures"));
});

test("takes the time of a resumed training for its own", async () => {
  const run = () => Promise.resolve({ result: { value: 1 }, durationSec: 1234 });
  const { durationSec } = await runStage(testContext(), counting({ run, files: [] }));
  assert.is(durationSec, 1234);
});

test("runs again for other settings, another input or another name, beside the old result", async () => {
  const context = testContext();
  const base = await runStage(context, counting());
  const input = (key: string) => ({ inputs: { before: { key } } });
  const others = [{ settings: { from: 1, to: 4 } }, input("a"), input("b"), { name: "other" }];
  const keys = new Set([base.key]);
  for (const change of others) {
    const stage = counting(change);
    keys.add((await runStage(context, stage)).key);
    assert.is(stage.runs, 1);
  }
  assert.is(keys.size, 5);
  assert.is(readdirSync(context.runFolder).length, 5);
  const again = counting();
  await runStage(context, again);
  assert.is(again.runs, 0);
});

test("has one key for equal settings, whatever the order of their fields", async () => {
  const context = testContext();
  const [one, two] = [counting(), counting({ settings: { to: 3, from: 1 } })];
  assert.is((await runStage(context, one)).key, (await runStage(context, two)).key);
  assert.is(two.runs, 0);
});

test("replaces the result of other settings in a folder with a fixed name", async () => {
  const context = testContext();
  await runStage(context, counting({ folderName: "figures" }));
  const changed = counting({ folderName: "figures", settings: 2 });
  const { folder, key } = await runStage(context, changed);
  assert.equal([changed.runs, recordOf(folder).key], [1, key]);
});

test("runs again where a file that it has written is gone", async () => {
  const [context, stage] = [testContext(), counting()];
  const { folder } = await runStage(context, stage);
  rmSync(join(folder, "numbers.txt"));
  await runStage(context, stage);
  assert.is(stage.runs, 2);
  assert.ok(existsSync(join(folder, "numbers.txt")));
});

test("runs again where its record is cut off, of another form or not its own", async () => {
  const [context, stage] = [testContext(), counting()];
  const { folder } = await runStage(context, stage);
  const path = join(folder, "record.json");
  const whole = readFileSync(path, "utf8");
  const damaged = [
    "",
    whole.slice(0, whole.length / 2),
    "null",
    "[]",
    "3",
    whole.replace('"value": 6', '"value": "six"'),
    whole.replace(/"key": "[0-9a-f]+"/, '"key": "0"'),
  ];
  for (const [i, content] of damaged.entries()) {
    writeFileSync(path, content);
    assert.equal((await runStage(context, stage)).result, { value: 6 });
    assert.is(stage.runs, 2 + i, `damage ${i}`);
    assert.is(recordOf(folder).stage, "count");
  }
});

test("has no record when it failed or was stopped, and goes on in the same folder", async () => {
  const context = testContext();
  const folders: string[] = [];
  const broken = counting({
    run: (folder) => {
      folders.push(folder);
      writeFileSync(join(folder, "half"), "");
      return Promise.reject(new Error("power cut"));
    },
  });
  const outcome = await runStage(context, broken)
    .then(() => "ended")
    .catch((error: unknown) => String(error));
  assert.is(outcome, "Error: power cut");
  const [folder = ""] = folders;
  assert.equal(readdirSync(folder), ["half"]);
  assert.equal(context.ended, []);
  const whole = await runStage(context, counting());
  assert.is(whole.folder, folder);
});

test("does not begin once it is told to stop, but gives what is there", async () => {
  const controller = new AbortController();
  const context = testContext({ signal: controller.signal });
  const stage = counting();
  await runStage(context, stage);
  controller.abort(new Error("stop"));
  assert.is((await runStage(context, stage)).result.value, 6);
  const other = counting({ name: "other" });
  const outcome = await runStage(context, other).catch((error: unknown) => String(error));
  assert.equal([outcome, other.runs], ["Error: stop", 0]);
  assert.is(readdirSync(context.runFolder).length, 1);
});

test("hands on progress under its title", async () => {
  const labels: string[] = [];
  const progress = {
    update: ({ label, done, total }: { label: string; done: number; total: number }) =>
      labels.push(`${label} ${done} of ${total}`),
    finish: () => undefined,
  };
  const stage = counting({
    files: [],
    run: (_folder, report) => {
      report({ done: 1, total: 3, unit: "numbers", doneAtStart: 0 });
      return Promise.resolve({ result: { value: 1 } });
    },
  });
  await runStage(testContext({ progress }), stage);
  assert.equal(labels, ["Counting 1 of 3"]);
});

test("says so where its folder cannot be made", async () => {
  const context = testContext();
  writeFileSync(join(context.runFolder, "file"), "");
  const stage = counting();
  const below = { ...context, runFolder: join(context.runFolder, "file") };
  const fault: unknown = await runStage(below, stage).catch((error: unknown) => error);
  assert.instance(fault, InputError);
  assert.is(stage.runs, 0);
});

test.run();
