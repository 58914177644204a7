import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { InputError } from "../../lib/errors";
import { readJson } from "../../lib/storage/json-file";

const test = suite("json file");

const schema = z.object({ split: z.object({ train: z.array(z.string()) }) });
let folder = "";

test.before(() => {
  folder = mkdtempSync(join(tmpdir(), "synthmr-json-"));
});

test.after(() => {
  rmSync(folder, { recursive: true });
});

function fault(content: string, remedy?: string): string {
  const path = join(folder, "a.json");
  writeFileSync(path, content);
  try {
    readJson(path, schema, "a split", remedy);
  } catch (error) {
    assert.instance(error, InputError);
    return (error as InputError).message.replace(path, "a.json");
  }
  return "no fault";
}

test("gives what the file holds, checked", () => {
  const path = join(folder, "good.json");
  writeFileSync(path, '{"split": {"train": ["a", "b"]}, "more": 1}');
  assert.equal(readJson(path, schema, "a split"), { split: { train: ["a", "b"] } });
});

test("names the field at fault, the form expected and the remedy in one line", () => {
  const message = fault('{"split": {"train": ["a", 7]}}', "Draw it again");
  assert.match(message, /^a\.json: split\.train\.1: is not a split \(.*string.*\)\. Draw it again$/);
  assert.match(fault("[]"), /^a\.json: is not a split \(/);
});

test("says that a file is no JSON, or is not there", () => {
  assert.is(fault("{"), "a.json: is not JSON");
  assert.throws(
    () => readJson(join(folder, "none.json"), schema, "a split"),
    /none\.json: no such file or folder/,
  );
});

test.run();
