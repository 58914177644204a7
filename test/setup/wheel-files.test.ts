import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Manifest, Wheel } from "../../lib/setup/manifest";
import { Progress } from "../../lib/setup/progress";
import { ensureWheelFiles, isVerified } from "../../lib/setup/wheel-files";
import { failure, withFolder } from "./temporary-folder";
import { zipArchive } from "./zip-archive";

const test = suite("wheel files");
const content = Buffer.from("atlas ".repeat(500));
const sha256 = createHash("sha256").update(content).digest("hex");

const wheel: Wheel = {
  package: "made-up",
  version: "1",
  pythonVersion: "3.11",
  abi: "cp311",
  platforms: ["any"],
  sha256: "0".repeat(64),
  files: [{ path: "inside/a.bin", to: "a.bin", sizeBytes: content.length, sha256 }],
};
const manifest: Manifest = {
  name: "made-up",
  version: "1",
  folder: "made-up-1",
  unpackedBytes: 1,
  wheels: [wheel],
};

/** A registry of one wheel that counts its downloads. */
function registry(
  bytes = zipArchive([
    { name: "inside/a.bin", content },
    { name: "inside/b.bin", content },
  ]),
) {
  const state = { downloads: 0 };
  const download = (_: Wheel, folder: string): Promise<string> => {
    state.downloads += 1;
    writeFileSync(join(folder, "made-up.whl"), bytes);
    return Promise.resolve(join(folder, "made-up.whl"));
  };
  return { state, download, progress: new Progress(1, { write: () => true }) };
}

test("a file is fetched once, and only the wanted one is kept", () =>
  withFolder(async (cache) => {
    const { state, ...source } = registry();
    for (let i = 0; i < 2; i++) await ensureWheelFiles(manifest, { cache, ...source });
    assert.is(state.downloads, 1);
    assert.equal(readdirSync(join(cache, "made-up-1")).sort(), [".verified.json", "a.bin"]);
    assert.equal(readdirSync(join(cache, "parts")), []);
    assert.equal(readdirSync(join(cache, "locks")), []);
  }));

test("a cached file that was tampered with is noticed, even at the same size and time, and fetched again", () =>
  withFolder(async (cache) => {
    const { state, ...source } = registry();
    const path = join(await ensureWheelFiles(manifest, { cache, ...source }), "a.bin");
    writeFileSync(path, Buffer.from(content).fill(1, 0, 1));
    utimesSync(path, 1, 1);
    assert.not.ok(await isVerified(manifest, join(cache, "made-up-1")));
    await ensureWheelFiles(manifest, { cache, ...source });
    assert.is(state.downloads, 2);
    assert.ok(readFileSync(path).equals(content));
  }));

test("a touched file with the right bytes is kept", () =>
  withFolder(async (cache) => {
    const { state, ...source } = registry();
    const folder = await ensureWheelFiles(manifest, { cache, ...source });
    utimesSync(join(folder, "a.bin"), 1, 1);
    await ensureWheelFiles(manifest, { cache, ...source });
    assert.is(state.downloads, 1);
  }));

test("files put there by hand are taken if they are the pinned ones", () =>
  withFolder(async (cache) => {
    const { state, ...source } = registry();
    const folder = await ensureWheelFiles(manifest, { cache, ...source });
    writeFileSync(join(folder, ".verified.json"), "not JSON");
    await ensureWheelFiles(manifest, { cache, ...source });
    assert.is(state.downloads, 1);
  }));

test("a wheel with another file than the pinned one is refused and leaves nothing", () =>
  withFolder(async (cache) => {
    const { download, progress } = registry(
      zipArchive([{ name: "inside/a.bin", content: Buffer.from("other") }]),
    );
    assert.match(
      await failure(() => ensureWheelFiles(manifest, { cache, download, progress })),
      /not the pinned file/,
    );
    assert.not.ok(existsSync(join(cache, "made-up-1")));
    assert.equal(readdirSync(join(cache, "parts")), []);
    assert.equal(readdirSync(join(cache, "locks")), []);
  }));

test("two set-ups at once download once", () =>
  withFolder(async (cache) => {
    const { state, ...source } = registry();
    await Promise.all([1, 2, 3].map(() => ensureWheelFiles(manifest, { cache, ...source })));
    assert.is(state.downloads, 1);
  }));

test("a whole folder of a wheel is taken where the manifest says so", () =>
  withFolder(async (cache) => {
    const { state, ...source } = registry();
    const { files, ...rest } = wheel;
    assert.is(files?.length, 1);
    const whole = { ...manifest, wheels: [{ ...rest, folders: ["inside"] }] };
    for (let i = 0; i < 2; i++) await ensureWheelFiles(whole, { cache, ...source });
    assert.is(state.downloads, 1);
    assert.equal(readdirSync(join(cache, "made-up-1", "inside")).sort(), ["a.bin", "b.bin"]);
  }));

test("a disk that is too small is named before the download", () =>
  withFolder(async (cache) => {
    const { state, ...source } = registry();
    const huge = { ...manifest, unpackedBytes: 2 ** 60 };
    assert.match(
      await failure(() => ensureWheelFiles(huge, { cache, ...source })),
      /needs \d+ MB of free disk/,
    );
    assert.is(state.downloads, 0);
  }));

test.run();
