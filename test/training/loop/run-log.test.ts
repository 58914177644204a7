import { appendFileSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputError } from "../../../lib/errors";
import { RunLog, type LogLine } from "../../../lib/training/loop/run-log";
import { temporaryFolder } from "../../temporary-folder";

const test = suite("run log");

const line = (step: number): LogLine => ({
  step,
  imagesSeen: 4 * step,
  loss: 1 / step,
  learningRate: 1e-4,
  imagesPerSec: 12.5,
  durationSec: step / 3,
  residentMb: 200,
});

test("reads what was appended, one line of JSON each", () => {
  const folder = temporaryFolder();
  const log = new RunLog(folder);
  assert.equal(log.read(), []);
  log.append(line(1));
  log.append(line(2));
  assert.equal(new RunLog(folder).read(), [line(1), line(2)]);
  assert.is(readFileSync(join(folder, "log.jsonl"), "utf8").split("\n").length, 3);
});

test("drops lines after a step, and a line that a kill cut off", () => {
  const folder = temporaryFolder();
  const log = new RunLog(folder);
  [10, 20, 30].forEach((step) => {
    log.append(line(step));
  });
  appendFileSync(join(folder, "log.jsonl"), '{"step":40,"images');
  assert.is(log.read().length, 3);
  log.truncateAfter(20);
  log.append(line(30));
  assert.equal(
    log.read().map(({ step }) => step),
    [10, 20, 30],
  );
});

test("drops nothing where there is nothing", () => {
  const log = new RunLog(temporaryFolder());
  log.truncateAfter(5);
  assert.equal(log.read(), []);
});

test("says so where the disk is full", () => {
  const folder = temporaryFolder();
  symlinkSync("/dev/full", join(folder, "log.jsonl"));
  assert.throws(
    () => {
      new RunLog(folder).append(line(1));
    },
    (error: unknown) => error instanceof InputError && error.message.includes("no space left"),
  );
});

test.run();
