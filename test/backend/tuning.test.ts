import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { processorName, readTuning, writeTuning } from "../../lib/backend/tuning";
import { threadCount } from "../../lib/backend/threads";
import { temporaryFolder } from "../temporary-folder";

const test = suite("tuning");

test("keeps what was measured on this processor, and reads nothing else", () => {
  const path = join(temporaryFolder(), "tuning.json");
  assert.is(readTuning(path), undefined);
  const tuning = { processor: processorName(), threads: 3, trainingBfloat16: false };
  writeTuning(tuning, path);
  assert.equal(readTuning(path), tuning);
  writeTuning({ ...tuning, processor: "another one" }, path);
  assert.is(readTuning(path), undefined);
  writeFileSync(path, '{"threads": "many"');
  assert.is(readTuning(path), undefined);
});

test("gives way to the environment", () => {
  assert.is(threadCount({}, 3), 3);
  assert.is(threadCount({ SLURM_CPUS_PER_TASK: "5" }, 3), 5);
  assert.is(threadCount({ TF_NUM_INTRAOP_THREADS: "2", SLURM_CPUS_PER_TASK: "5" }, 3), 2);
});

test.run();
