import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runNotebook } from "../../lib/kernel/run-notebook";
import { readWritten, runCells, writeCells } from "./notebooks";

const test = suite("runNotebook: interrupt");

test("interrupts the running cell when asked to, and lets it write what it must", async () => {
  const { path, remove } = writeCells([
    `process.once("SIGINT", () => console.log("checkpoint written"));
     console.log("working");
     await new Promise((resolve) => setTimeout(resolve, 60_000));`,
  ]);
  const interrupt = new AbortController();
  // Outputs are in the file while the cell still runs.
  const watch = setInterval(() => {
    const [cell] = readWritten(path).cells;
    if (cell?.outputs.length === 1) interrupt.abort();
  }, 50);
  try {
    const run = await runNotebook({ path, signal: interrupt.signal, timeoutSec: 30 });
    assert.is(run.status, "interrupted", run.message ?? "");
    assert.is(run.exitCode, 130);
    const outputs = readWritten(path).cells[0]?.outputs ?? [];
    assert.equal(outputs[0]?.text, ["working\n", "checkpoint written\n"]);
    assert.is(outputs.at(-1)?.ename, "Interrupted");
  } finally {
    clearInterval(watch);
    remove();
  }
});

test("tells a kernel that died from a cell that failed", async () => {
  const { run, written } = await runCells([
    "console.log('before');",
    "process.kill(process.pid, 'SIGKILL');",
    "1",
  ]);
  assert.is(run.status, "dead");
  assert.is(run.exitCode, 138);
  assert.match(
    run.message ?? "",
    /^cell 2 of 3 \(cell-2\) ended after .* the kernel died \(signal SIGKILL\)$/,
  );
  assert.is(written.cells[1]?.outputs.at(-1)?.ename, "DeadKernelError");
  assert.equal(written.cells[0]?.outputs[0]?.text, ["before\n"]);
});

test.run();
