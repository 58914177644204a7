import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputError } from "../../lib/errors";
import { writeFileAtomic, writeJsonAtomic } from "../../lib/storage/atomic-write";
import { temporaryFolder } from "../temporary-folder";

const test = suite("atomic write");

test("writes texts, bytes and parts in order, and makes folders", () => {
  const folder = temporaryFolder();
  const path = join(folder, "a", "b", "file");
  const content = () => readFileSync(path, "utf8");
  writeFileAtomic(path, "größer");
  assert.is(content(), "größer");
  writeFileAtomic(path, Buffer.from("bytes"));
  assert.is(content(), "bytes");
  writeFileAtomic(path, [Buffer.from("one "), Buffer.alloc(0), Buffer.from("two")]);
  assert.is(content(), "one two");
  writeJsonAtomic(path, { a: [1] });
  assert.is(content(), '{\n  "a": [\n    1\n  ]\n}\n');
  assert.equal(readdirSync(join(folder, "a", "b")), ["file"]);
});

test("keeps the old file and leaves nothing beside it where the disk is full", () => {
  const folder = temporaryFolder();
  const path = join(folder, "file");
  writeFileSync(path, "old");
  // What is written aside lands on a device that is always full.
  symlinkSync("/dev/full", `${path}.${process.pid}.part`);
  assert.throws(
    () => {
      writeFileAtomic(path, "new");
    },
    (error: unknown) => error instanceof InputError && error.message.includes("no space left"),
  );
  assert.is(readFileSync(path, "utf8"), "old");
  assert.equal(readdirSync(folder), ["file"]);
});

test("says so where a part of the path is a file", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "");
  for (const below of ["file/a", "file/a/b"])
    assert.throws(
      () => {
        writeFileAtomic(join(folder, below), "x");
      },
      (error: unknown) => error instanceof InputError && error.message.includes("folder"),
    );
  assert.equal(readdirSync(folder), ["file"]);
});

test("says so where a folder stands in the file's place, and leaves nothing beside it", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "taken"));
  assert.throws(
    () => {
      writeFileAtomic(join(folder, "taken"), "x");
    },
    (error: unknown) => error instanceof InputError && error.message.includes("is a folder"),
  );
  assert.equal(readdirSync(folder), ["taken"]);
});

test.run();
