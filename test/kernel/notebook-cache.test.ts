import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NotebookCache } from "../../lib/kernel/notebook-cache";
import type { CodeCell } from "../../lib/kernel/notebook-file";
import type { NotebookRun } from "../../lib/kernel/run-notebook";
import { runNotebook } from "../../lib/kernel/run-notebook";
import { readWritten, writeCells } from "./notebooks";

const test = suite("NotebookCache");
const root = mkdtempSync(join(tmpdir(), "synthmr-cache-"));
const [cacheFolder, project, runs, journal] = ["cache", "project", "runs", "journal"].map((name) =>
  join(root, name),
) as [string, string, string, string];
const before = { ...process.env };

test.before(() => {
  for (const folder of [join(project, "dist"), runs]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(project, "dist", "index.js"), "exports.version = 1;");
  process.env.SYNTHMR_CACHE = cacheFolder;
  process.env.SYNTHMR_RUN = runs;
});
test.after(() => {
  process.env = before;
  rmSync(root, { recursive: true, force: true });
});

function cellsOf(...sources: readonly string[]): CodeCell[] {
  return sources.map((source, index) => ({
    cell_type: "code",
    id: `cell-${index + 1}`,
    metadata: {},
    source,
    outputs: [{ output_type: "stream", name: "stdout", text: `${index}\n` }],
    execution_count: index + 1,
  }));
}

/** How many cells of a notebook are found by a reader that starts anew. */
function found(cells: readonly CodeCell[], env: NodeJS.ProcessEnv = { SYNTHMR_RUN: runs }): number {
  return new NotebookCache(join(root, "beside", "a.ipynb"), env, cacheFolder, project).read(cells).length;
}

test("finds the cells up to the first that has changed, and none behind it", () => {
  const cells = cellsOf("const a = 1;", "a + 1", "a + 2");
  new NotebookCache(join(root, "beside", "a.ipynb"), { SYNTHMR_RUN: runs }, cacheFolder, project).write(
    cells,
  );
  assert.is(found(cells), 3);
  assert.is(found(cellsOf("const a = 1;", "a + 7", "a + 2")), 1);
  assert.is(found(cellsOf("const a = 2;", "a + 1", "a + 2")), 0, "what stands behind may depend on it");
  assert.is(found(cellsOf("const a = 1;", "a + 1", "a + 2", "a + 3")), 3);
});

test("finds nothing when the library, a variable that steers it, or the data have changed", () => {
  const cells = cellsOf("1");
  new NotebookCache(join(root, "beside", "a.ipynb"), { SYNTHMR_RUN: runs }, cacheFolder, project).write(
    cells,
  );
  assert.is(found(cells), 1);
  assert.is(found(cells, { SYNTHMR_RUN: runs, SYNTHMR_PROFILE: "full" }), 0);
  assert.is(found(cells, { SYNTHMR_RUN: runs, HOME: "/elsewhere" }), 1, "others do not count");
  writeFileSync(join(project, "dist", "index.js"), "exports.version = 2;");
  assert.is(found(cells), 0);
  writeFileSync(join(project, "dist", "index.js"), "exports.version = 1;");
  assert.is(found(cells), 1);
  writeFileSync(join(runs, "record.json"), "{}");
  assert.is(found(cells), 0);
  rmSync(join(runs, "record.json"));
  assert.is(found(cells), 1);
});

test("is not asked unless told to; a hit leaves out the cells and gives their outputs", async () => {
  // The cells tell in a file outside of their folder how often they have run.
  const tell = `require("node:fs").appendFileSync(${JSON.stringify(journal)}, "x");`;
  const { path, remove } = writeCells([`const a: number = 20;\n${tell}`, "console.log('two');\na + 1"]);
  const runs = (): number => (existsSync(journal) ? readFileSync(journal, "utf8").length : 0);
  const run = (cache: boolean): Promise<NotebookRun> =>
    runNotebook({ path, outFolder: join(dirname(path), "out"), cache });
  try {
    assert.is((await run(true)).reusedCells, 0);
    const outputs = readWritten(join(dirname(path), "out", "cells.ipynb")).cells[1]?.outputs;
    const hit = await run(true);
    assert.equal([hit.status, hit.reusedCells, runs()], ["ok", 2, 1]);
    assert.equal(readWritten(hit.path).cells[1]?.outputs, outputs);
    assert.equal([(await run(false)).reusedCells, runs()], [0, 2]);
    writeFileSync(path, readFileSync(path, "utf8").replace("= 20;", "= 30;"));
    const miss = await run(true);
    assert.equal([miss.status, miss.reusedCells, runs()], ["ok", 0, 3]);
    assert.equal(readWritten(miss.path).cells[1]?.outputs[1]?.data, { "text/plain": ["31"] });
  } finally {
    remove();
  }
});

test.run();
