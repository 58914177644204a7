import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { containerProcessors, threadCount } from "../../lib/backend/threads";

const test = suite("threads");

test("TF_NUM_INTRAOP_THREADS counts more than Slurm's share, and that more than the processors", () => {
  assert.is(threadCount({ TF_NUM_INTRAOP_THREADS: "3", SLURM_CPUS_PER_TASK: "5" }, 8), 3);
  assert.is(threadCount({ SLURM_CPUS_PER_TASK: "5" }, 8), 5);
  assert.is(threadCount({}, 8), 8);
});

test("a value that is no positive integer does not count", () => {
  for (const value of ["", "0", "-2", "two", "1.5"])
    assert.is(threadCount({ TF_NUM_INTRAOP_THREADS: value }, 8), 8);
});

test("a container's quota is rounded up to whole processors; max and no file are no quota", () => {
  const folder = mkdtempSync(join(tmpdir(), "synthmr-test-"));
  const path = join(folder, "cpu.max");
  const processors = (text: string): number => {
    writeFileSync(path, text);
    return containerProcessors(path);
  };
  assert.is(processors("150000 100000\n"), 2);
  assert.is(processors("50000 100000\n"), 1);
  assert.is(processors("max 100000\n"), Number.POSITIVE_INFINITY);
  assert.is(containerProcessors(join(folder, "none")), Number.POSITIVE_INFINITY);
  rmSync(folder, { recursive: true });
});

test.run();
