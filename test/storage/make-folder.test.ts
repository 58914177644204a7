import fs, { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputError } from "../../lib/errors";
import { writeFileAtomic } from "../../lib/storage/atomic-write";
import { makeFolder } from "../../lib/storage/make-folder";
import { temporaryFolder } from "../temporary-folder";

const test = suite("makeFolder");

/** The fault that a call ends with. */
function fault(call: () => void): InputError {
  try {
    call();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("the call did not fail");
}

/** As Node behaves on a read-only file system, which a test cannot mount. */
function onReadOnlyDisk(call: () => void): InputError {
  const patched: { mkdirSync: unknown } = fs;
  const original = patched.mkdirSync;
  patched.mkdirSync = (_: string, options?: { readonly recursive: boolean }) => {
    throw Object.assign(new Error("mkdir"), { code: options?.recursive ? "ENOENT" : "EROFS" });
  };
  try {
    return fault(call);
  } finally {
    patched.mkdirSync = original;
  }
}

test("makes a folder with those above it, and is content with one that is there", () => {
  const folder = join(temporaryFolder(), "a", "b");
  makeFolder(folder);
  makeFolder(folder);
  assert.ok(existsSync(folder));
});

test("names the folder where it, or one above it, is a file", () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  assert.is(
    fault(() => {
      makeFolder(file);
    }).message,
    `${file}: is a file, expected a folder`,
  );
  const below = join(file, "a", "b");
  assert.is(
    fault(() => {
      makeFolder(below);
    }).message,
    `${below}: a part of the path is not a folder`,
  );
});

test("tells a read-only place from a missing one, which Node's recursive mkdir does not", () => {
  const folder = join(temporaryFolder(), "below", "this");
  assert.match(
    onReadOnlyDisk(() => {
      makeFolder(folder);
    }).message,
    "permission denied",
  );
  const written = onReadOnlyDisk(() => {
    writeFileAtomic(join(folder, "file"), "x");
  });
  assert.match(written.message, "permission denied");
  assert.is(written.subject, folder);
});

test.run();
