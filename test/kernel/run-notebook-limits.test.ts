import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCells } from "./notebooks";

const test = suite("runNotebook: limits");

test("interrupts a blocking cell at its time limit", async () => {
  const { run, written } = await runCells(["console.log('starts');\nwhile (true) {}"], { timeoutSec: 1 });
  assert.is(run.status, "failed");
  assert.is(run.exitCode, 1);
  assert.match(
    run.message ?? "",
    /cell 1 of 1 \(cell-1\) failed after \d\.\d s: stopped at the time limit of 1 s/,
  );
  const outputs = written.cells[0]?.outputs ?? [];
  assert.equal(
    outputs.map(({ output_type }) => output_type),
    ["stream", "error"],
  );
  assert.is(outputs[1]?.ename, "TimeLimit");
});

test("interrupts a cell that waits", async () => {
  const { run } = await runCells(["await new Promise(() => {});"], { timeoutSec: 1 });
  assert.match(run.message ?? "", "stopped at the time limit of 1 s");
});

test.run();
