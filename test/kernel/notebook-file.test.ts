import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputError } from "../../lib/errors";
import { codeCells, readNotebook, writeNotebook } from "../../lib/kernel/notebook-file";

const test = suite("notebook-file");
const folder = mkdtempSync(join(tmpdir(), "synthmr-notebook-file-"));
const path = join(folder, "a.ipynb");

const cells = [
  { cell_type: "markdown", id: "title", metadata: {}, source: ["# Title\n", "text"] },
  {
    cell_type: "code",
    id: "code",
    metadata: { tags: ["parameters"] },
    source: ["const a = 1;\n", "a"],
    execution_count: 3,
    outputs: [
      { output_type: "stream", name: "stdout", text: ["one\n", "two"] },
      {
        output_type: "display_data",
        metadata: {},
        data: { "text/html": ["<b>\n", "</b>"], "image/png": "aGk=", "application/json": ["a", "b"] },
      },
      { output_type: "error", ename: "RangeError", evalue: "bad", traceback: ["RangeError: bad"] },
    ],
  },
];

function write(content: unknown): void {
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
}

function refusal(content: unknown): string {
  write(content);
  try {
    readNotebook(path);
  } catch (error) {
    assert.instance(error, InputError);
    return (error as InputError).reason;
  }
  throw new Error("the notebook was read");
}

test("joins lines on reading and splits them again on writing", () => {
  write({ nbformat: 4, nbformat_minor: 5, metadata: { a: 1 }, cells });
  const notebook = readNotebook(path);
  assert.is(notebook.cells[0]?.source, "# Title\ntext");
  assert.is(codeCells(notebook).length, 1);
  writeNotebook(path, notebook);
  const written = JSON.parse(readFileSync(path, "utf8")) as unknown;
  assert.equal(written, { nbformat: 4, nbformat_minor: 5, metadata: { a: 1 }, cells });
});

test("writes with sorted keys and one space of indentation, as Jupyter does", () => {
  write({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });
  writeNotebook(path, readNotebook(path));
  const text = readFileSync(path, "utf8");
  assert.ok(text.startsWith('{\n "cells": [\n  {\n   "cell_type": "markdown",\n   "id": "title",'));
  assert.ok(text.endsWith('"nbformat_minor": 5\n}\n'));
});

test("gives cells of older notebooks an id that stays the same", () => {
  const old = [{ cell_type: "markdown", metadata: {}, source: "text" }];
  write({ nbformat: 4, nbformat_minor: 2, metadata: {}, cells: [...old, ...old] });
  const ids = readNotebook(path).cells.map(({ id }) => id);
  assert.equal(
    ids,
    readNotebook(path).cells.map(({ id }) => id),
  );
  assert.is(new Set(ids).size, 2);
});

test("says what is wrong with a file that is not a notebook", () => {
  assert.match(refusal("{"), "no valid JSON");
  assert.match(refusal([]), "not a notebook of nbformat 4");
  assert.match(refusal({ nbformat: 3, nbformat_minor: 0, metadata: {}, cells: [] }), "nbformat: ");
  assert.match(
    refusal({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [{ cell_type: "code" }] }),
    "cells.0.",
  );
  const twice = [cells[0], cells[0]];
  assert.match(refusal({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: twice }), 'the id "title"');
});

test("says that a file is missing", () => {
  assert.throws(
    () => readNotebook(join(folder, "none.ipynb")),
    (error: Error) => error instanceof InputError,
  );
});

test.after(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.run();
