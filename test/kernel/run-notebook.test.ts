import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { NotebookProgress } from "../../lib/kernel/run-notebook";
import { runNotebook } from "../../lib/kernel/run-notebook";
import { readWritten, runCells, writeCells } from "./notebooks";

const test = suite("runNotebook");

test("runs the cells in order and writes every kind of output", async () => {
  const seen: NotebookProgress[] = [];
  const { run, written } = await runCells(
    [
      "const a: number = 20;\nconsole.log('one'); console.log('two'); console.error('three');\na + 1",
      `import { display, newDisplay } from "tslab";
       const bar = newDisplay();
       bar.text("10 %");
       await new Promise((resolve) => setTimeout(resolve, 20));
       const { a: again } = { a };
       display.html("<b>" + again + "</b>");
       bar.text("100 %");`,
    ],
    { onProgress: (progress) => seen.push(progress) },
  );
  assert.is(run.status, "ok");
  assert.is(run.exitCode, 0);
  assert.is(run.message, null);
  const [first, second] = written.cells;
  assert.equal(first?.outputs, [
    { output_type: "stream", name: "stdout", text: ["one\n", "two\n"] },
    { output_type: "stream", name: "stderr", text: ["three\n"] },
    { output_type: "execute_result", execution_count: 1, metadata: {}, data: { "text/plain": ["21"] } },
  ]);
  assert.equal(
    second?.outputs.map(({ data }) => data),
    [{ "text/plain": ["100 %"] }, { "text/html": ["<b>20</b>"] }],
  );
  assert.is(second?.execution_count, 2);
  assert.is((second?.metadata.papermill as { status: string }).status, "completed");
  assert.equal(
    seen.map(({ cell, cells }) => [cell, cells]),
    [
      [1, 2],
      [2, 2],
    ],
  );
});

test("passes variables to the kernel and writes into another folder", async () => {
  const { path, remove } = writeCells(["console.log(process.env.SYNTHMR_TEST, process.cwd());"]);
  try {
    const outFolder = join(path, "..", "out");
    const run = await runNotebook({ path, outFolder, env: { SYNTHMR_TEST: "given" } });
    assert.is(run.path, join(outFolder, "cells.ipynb"));
    const [text] = readWritten(run.path).cells[0]?.outputs ?? [];
    assert.equal(text?.text, [`given ${join(path, "..")}\n`]);
    assert.equal(readWritten(path).cells[0]?.outputs, [], "the given file stays as it was");
    assert.ok(existsSync(path));
  } finally {
    remove();
  }
});

test.run();
