import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { completionsAt, inspectionAt } from "../../lib/kernel/cell-assistance";
import { CellCompiler } from "../../lib/kernel/cell-compiler";
import type { CompiledCell } from "../../lib/kernel/cell-compiler";

const test = suite("CellCompiler");
const folder = mkdtempSync(join(tmpdir(), "synthmr-compiler-"));
const compiler = new CellCompiler(folder);
let count = 0;
test.after(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Compiles a cell that must be right, and keeps the names that it would have left. */
function cell(code: string, names: readonly string[] = []): CompiledCell {
  const { cell: compiled, error } = compiler.compile(code, ++count);
  if (!compiled) throw new Error(error.traceback.join("\n"));
  compiler.keep(count, names);
  return compiled;
}

function fault(code: string): string {
  return compiler.compile(code, ++count).error?.traceback.join("\n") ?? "";
}

test("rewrites the names of earlier cells, and only these", () => {
  cell("let total = 1; const add = (n: number) => total + n; class Base { a = 1 }", ["total", "add", "Base"]);
  const { script } = cell("total++;\n({ total, add: add(2), other: ((total: number) => total)(3) })");
  assert.match(script, "$cells.total++");
  assert.match(script, "total: $cells.total, add: (0, $cells.add)(2), other: ((total) => total)(3)");
  assert.match(cell("class Derived extends Base {}").script, "extends $cells.Base");
});

test("lets a name be declared anew with another type, and a type be used in later cells", () => {
  cell("interface Point { x: number }\nconst value = 1;", ["value"]);
  cell("const value = 'text';", ["value"]);
  cell("const point: Point = { x: value.length };", ["point"]);
  assert.match(fault("const wrong: number = value;"), "Type 'string' is not assignable to type 'number'");
});

test("hands out imports without loading what is a type alone", () => {
  const { script, imports } = cell(
    'import { join } from "node:path";\nimport { Stats } from "node:fs";\nimport type { Dirent } from "node:fs";\nlet s: Dirent | undefined;\njoin("a", "b")',
  );
  assert.equal(imports, ["node:path", "node:fs"]);
  assert.match(script, "join: () => node_path_1.join");
});

test("checks as strictly as the project's own code", () => {
  assert.match(fault("const n: number = null;"), "TS2322");
  assert.match(fault("const list = [1]; const n: number = list[0];"), "number | undefined");
  assert.match(fault("function f(a) { return a; }"), "TS7006");
});

test("tells a fault with its line, the lines around it, and a mark", () => {
  const text = fault("const fine = 1;\nconst wrong: string = fine;\nfine;");
  assert.match(
    text,
    /^cell \d+, line 2, column 7: Type 'number' is not assignable to type 'string'. \(TS2322\)/,
  );
  assert.match(text, "> 2 | const wrong: string = fine;\n    |       ^^^^^\n  3 | fine;");
});

test("finds modules beside the notebook, checks them, and the project's packages from any folder", () => {
  writeFileSync(join(folder, "beside.ts"), "export const half = (n: number): number => n / 2;\n");
  assert.equal(
    cell('import { half } from "./beside";\nimport { PNG } from "pngjs";\nhalf(PNG.length)').imports,
    ["./beside", "pngjs"],
  );
  writeFileSync(join(folder, "faulty.ts"), "export const n: number = 'text';\n");
  assert.match(fault('import { n } from "./faulty";\nn'), /faulty\.ts, line 1, column 14/);
});

test("completes members, names of earlier cells and modules' exports", () => {
  cell("const settings = { alpha: 1, beta: 2 };", ["settings"]);
  const matches = (code: string): readonly string[] =>
    completionsAt(compiler, code, [...code].length).matches;
  assert.equal(matches("settings."), ["alpha", "beta"]);
  assert.equal(matches("Math.ab"), ["abs"]);
  assert.equal(matches("setti"), ["settings"]);
  const { cursor_start, cursor_end } = completionsAt(compiler, 'const text = "\u{1F9E0}"; setti', 23);
  assert.equal([cursor_start, cursor_end], [18, 23], "offsets count characters");
});

test("inspects a name, and the function whose arguments are being written", () => {
  cell("/** Doubles a number. */\nfunction twice(n: number): number { return 2 * n; }", ["twice"]);
  const at = (code: string): string => inspectionAt(compiler, code, code.length)?.["text/plain"] ?? "";
  assert.match(at("twice"), /function twice\(n: number\): number\n\nDoubles a number\./);
  assert.match(at("twice(1"), "twice(n: number): number");
  assert.is(inspectionAt(compiler, "   ", 1), null);
});

test("forgets cells whose names have all been declared anew", () => {
  for (let i = 0; i < 30; i++) cell(`const again = ${i}; again`, ["again"]);
  const files = compiler.program.program().getSourceFiles();
  assert.ok(files.filter(({ fileName }) => /__cell_\d+__/.test(fileName)).length < 10);
});

test.run();
