import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { crc32, tableCrc32 } from "../../lib/setup/crc32";
import { listZip, unpackEntry, type ZipEntry } from "../../lib/setup/zip";
import { failure, withFolder } from "./temporary-folder";
import { zipArchive, type ArchiveFile } from "./zip-archive";

const test = suite("zip");
const text = Buffer.from("some bytes, some bytes, some bytes ".repeat(1000));

async function unpack(folder: string, file: ArchiveFile, cut = 0): Promise<string> {
  const path = join(folder, "a.zip");
  const bytes = zipArchive([{ name: "first", content: Buffer.from("1") }, file]);
  writeFileSync(path, bytes.subarray(0, bytes.length - cut));
  const entry = (await listZip(path)).get(file.name) as ZipEntry;
  return unpackEntry(path, entry, join(folder, "out", "file"));
}

test("a deflated and a stored file come out as they went in, with their SHA-256", () =>
  withFolder(async (folder) => {
    for (const stored of [false, true]) {
      const hash = await unpack(folder, { name: "b/c.txt", content: text, stored });
      assert.ok(readFileSync(join(folder, "out", "file")).equals(text));
      assert.is(hash, createHash("sha256").update(text).digest("hex"));
    }
  }));

test("an empty file comes out empty", () =>
  withFolder(async (folder) => {
    await unpack(folder, { name: "empty", content: Buffer.alloc(0), stored: true });
    assert.is(readFileSync(join(folder, "out", "file")).length, 0);
  }));

for (const name of ["../out", "/etc/passwd", "a/../../b", "a\\..\\b", "C:evil"]) {
  test(`the name ${name} is refused, and with it the whole archive`, () =>
    withFolder(async (folder) => {
      assert.match(await failure(() => unpack(folder, { name, content: text })), /leads outside its folder/);
    }));
}

test("a truncated archive is refused", () =>
  withFolder(async (folder) => {
    for (const cut of [1, 21, 60, 120])
      assert.match(await failure(() => unpack(folder, { name: "b", content: text }, cut)), /truncated/);
  }));

test("a wrong CRC-32 is refused and leaves no file", () =>
  withFolder(async (folder) => {
    assert.match(await failure(() => unpack(folder, { name: "b", content: text, wrongCrc: true })), /CRC-32/);
    assert.not.ok(existsSync(join(folder, "out", "file")));
  }));

test("an entry longer or shorter than it says is refused", () =>
  withFolder(async (folder) => {
    assert.match(
      await failure(() => unpack(folder, { name: "b", content: text, claimedBytes: 10 })),
      /longer/,
    );
    assert.match(
      await failure(() => unpack(folder, { name: "b", content: text, claimedBytes: 1e6 })),
      /truncated/,
    );
  }));

test("damaged compressed bytes are refused", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.zip");
    const bytes = zipArchive([{ name: "b", content: text }]);
    bytes.fill(0xff, 33, 40);
    writeFileSync(path, bytes);
    const entry = (await listZip(path)).get("b") as ZipEntry;
    assert.match(await failure(() => unpackEntry(path, entry, join(folder, "out"))), /damaged/);
  }));

test("a file that is no archive is refused", () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, "a.zip"), "nothing of the kind");
    assert.match(await failure(() => listZip(join(folder, "a.zip"))), /not a zip archive/);
  }));

test("CRC-32 has its published check value, by zlib and by the table, whole and in parts", () => {
  const digits = Buffer.from("123456789");
  assert.is(crc32(digits), 0xcbf43926);
  assert.is(tableCrc32(digits), 0xcbf43926);
  assert.is(tableCrc32(digits.subarray(4), tableCrc32(digits.subarray(0, 4))), 0xcbf43926);
});

test.run();
