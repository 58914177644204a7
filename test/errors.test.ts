import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { explainFileError, InputError } from "../lib/errors";
import { temporaryFolder } from "./temporary-folder";

const test = suite("errors");

/** The error that an action throws. */
function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("the action did not throw");
}

test("writes subject, reason and remedy in one line", () => {
  assert.is(new InputError("a.nii.gz", "is cut short").message, "a.nii.gz: is cut short");
  const { message } = new InputError("--size", "must be a power of 2, not 3", "Give 64 or 128");
  assert.is(message, "--size: must be a power of 2, not 3. Give 64 or 128");
  assert.is(new InputError("a\n\u001bb", "is no file").message, "a\\x0a\\x1bb: is no file");
});

test("explains errors of the operating system that the user can mend", () => {
  const folder = temporaryFolder();
  const file = join(folder, "file");
  writeFileSync(file, "x");
  const cases = [
    [() => readFileSync(join(folder, "none")), /no such file or folder/],
    [() => readFileSync(join(file, "below")), /not a folder/],
    [() => mkdirSync(file), /a file stands where a folder is needed/],
    [() => readFileSync(folder), /is a folder, not a file/],
    [
      () => {
        writeFileSync("/dev/full", "x");
      },
      /no space left on the disk/,
    ],
  ] as const;
  for (const [action, reason] of cases) {
    const explained = explainFileError("the/path", caught(action));
    assert.instance(explained, InputError);
    assert.match(String(explained), reason);
    assert.match(String(explained), /the\/path/);
    assert.not.match(String(explained), /\n/);
  }
  assert.equal(readdirSync(folder), ["file"]);
});

test("explains a lack of permission, however the system names it", () => {
  for (const code of ["EACCES", "EPERM", "EROFS"]) {
    const explained = explainFileError("p", Object.assign(new Error("x"), { code }));
    assert.match(String(explained), /permission denied/);
  }
});

test("leaves other errors as they are", () => {
  for (const error of [new TypeError("x"), Object.assign(new Error("x"), { code: "EMFILE" }), "text"])
    assert.is(explainFileError("p", error), error);
});

test.run();
