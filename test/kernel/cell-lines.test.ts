import { createConverter } from "tslab/dist/converter";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lineInCell } from "../../lib/kernel/cell-lines";

const test = suite("lineInCell");
const converter = createConverter();

/** Lines of a cell that hold the mark, by tslab's own output and back. */
function markedLines(code: string): number[] {
  const { output = "", diagnostics } = converter.convert("", code);
  assert.equal(diagnostics, []);
  const script = `(function(exports, require) { ${output}`;
  return script
    .split("\n")
    .flatMap((line, index) =>
      line.includes("mark(") ? [lineInCell(code, script, index + 1, line.indexOf("mark(") + 1)] : [],
    );
}

test("finds lines behind types, comments and empty lines that JavaScript drops", () => {
  const code = `interface A {
  a: number;
}
declare function mark(n: number): number;

const { x, y: [z] } = { x: 1, y: [2] };
// A comment.
type B = A;
for (const i of [1]) {

  mark(i);
}
class C<T> {
  readonly t: T | null = null;
  f(): number { return mark(x + z); }
}
mark(3)`;
  assert.equal(markedLines(code), [11, 15, 17]);
});

test("finds the line of a cell that declares nothing", () => {
  assert.equal(
    markedLines("const fine: string = 'a';\n\ndeclare const mark: (s: string) => void;\nmark(fine)"),
    [4],
  );
  assert.equal(markedLines("\n(globalThis as any).mark(1)"), [2]);
});

test("finds lines after imports", () => {
  const code =
    "import { join } from 'path';\nimport type { Stats } from 'fs';\nimport * as os from 'os';\ndeclare const mark: any;\n\nmark(join(os.tmpdir()) as unknown as Stats)";
  assert.equal(markedLines(code), [6]);
});

test.after(() => {
  converter.close();
});

test.run();
