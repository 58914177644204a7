import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { notebookPaths } from "../../lib/study/stages/notebooks";

const notebookSchema = z.object({
  cells: z.array(
    z.object({
      cell_type: z.enum(["markdown", "code"]),
      id: z.string(),
      metadata: z.object({ tags: z.array(z.string()).optional() }),
      source: z.array(z.string()),
      outputs: z.array(z.object({ output_type: z.string() })).optional(),
    }),
  ),
});

const notebooks = notebookPaths().map((path) => ({
  name: basename(path, ".ipynb"),
  cells: notebookSchema.parse(JSON.parse(readFileSync(path, "utf8"))).cells,
}));

const test = suite("notebooks of the study");

test("are numbered from 00 to 12, each once", () => {
  assert.equal(
    notebooks.map(({ name }) => name.slice(0, 2)),
    Array.from({ length: 13 }, (_, i) => String(i).padStart(2, "0")),
  );
});

test("begin with a title, say what differs, and take parameters before they open the study", () => {
  for (const { name, cells } of notebooks) {
    assert.match(cells[0]?.source[0] ?? "", /^# [A-Z]/, name);
    assert.ok(
      cells.some(({ source }) => source[0]?.startsWith("## What we ran and where it differs")),
      name,
    );
    const code = cells.filter(({ cell_type }) => cell_type === "code");
    assert.equal(code[0]?.metadata.tags, ["parameters"], name);
    assert.match(code[1]?.source.join("") ?? "", "await openStudy({ profile, data, seed })", name);
  }
});

test("say that the patients are simulated", () => {
  for (const { name, cells } of notebooks)
    if (name !== "00-environment")
      assert.match(cells.map(({ source }) => source.join("")).join(""), /simulated/, name);
});

test("hold thin cells with names of their own: no function, no loop over several lines, no long line of work", () => {
  for (const { name, cells } of notebooks) {
    assert.is(new Set(cells.map(({ id }) => id)).size, cells.length, name);
    for (const { cell_type: type, id, source } of cells)
      if (type === "code") {
        assert.ok(source.length <= 12, `${name}, ${id}: ${source.length} lines`);
        assert.not.match(source.join(""), /function|console\.|=> \{/, `${name}, ${id}`);
      }
  }
});

test("hold no failed cell", () => {
  for (const { name, cells } of notebooks)
    for (const { id, outputs = [] } of cells)
      assert.ok(
        outputs.every(({ output_type: type }) => type !== "error"),
        `${name}, ${id}`,
      );
});

test.run();
