import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCells } from "./notebooks";

const test = suite("runNotebook: errors");

test("stops at the first cell that fails, with the error in the notebook", async () => {
  const { run, written } = await runCells([
    "interface Dropped {\n  a: number;\n}\n\nfunction broken(n: number): number {\n  throw new RangeError(`bad ${n}`);\n}",
    "const three: number = 3;\n\nbroken(three)",
    "console.log('never');",
  ]);
  assert.is(run.exitCode, 1);
  assert.match(run.message ?? "", /^cell 2 of 3 \(cell-2\) failed after \d+\.\d s: RangeError: bad 3$/);
  const error = written.cells[1]?.outputs.at(-1);
  assert.is(error?.output_type, "error");
  assert.is(error?.ename, "RangeError");
  assert.is(error?.evalue, "bad 3");
  assert.equal(error?.traceback, [
    "RangeError: bad 3",
    "    at cell 1, line 6: throw new RangeError(`bad ${n}`);",
    "    at cell 2, line 3: broken(three)",
  ]);
  assert.equal(written.cells[2]?.outputs, []);
  assert.is(written.cells[2]?.execution_count, null);
});

test("treats a type error as an error of the cell, with its line", async () => {
  const { run, written } = await runCells(["const fine = 1;\nconst wrong: string = fine;"]);
  assert.is(run.exitCode, 1);
  const error = written.cells[0]?.outputs.at(-1);
  assert.is(error?.ename, "TypeScriptError");
  assert.equal(error?.traceback, [
    "cell 1, line 2, column 7: Type 'number' is not assignable to type 'string'. (TS2322)",
    "  1 | const fine = 1;",
    "> 2 | const wrong: string = fine;",
    "    |       ^^^^^",
  ]);
});

test("fails a cell whose timer or unawaited promise throws", async () => {
  const { run } = await runCells([
    "setTimeout(() => { throw new Error('in a timer'); }, 1);\nawait new Promise((resolve) => setTimeout(resolve, 50));",
  ]);
  assert.is(run.exitCode, 1);
  assert.match(run.message ?? "", "in a timer");
});

test("fails the last cell where an error surfaces when it has ended", async () => {
  const { run } = await runCells([
    "setTimeout(() => { throw new Error('late'); }, 20); setTimeout(() => {}, 60);\n" +
      "const until = Date.now() + 40; while (Date.now() < until);",
  ]);
  assert.is(run.exitCode, 1);
  assert.match(run.message ?? "", "late");
});

test.run();
