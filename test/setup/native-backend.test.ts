import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ensureAddon } from "../../lib/setup/addon";
import { isStaged, wasmWarning, type BackendState } from "../../lib/setup/backend-state";
import { ensureNativeBackend, wantedDevice } from "../../lib/setup/native-backend";
import { Progress } from "../../lib/setup/progress";
import { downloadWheel } from "../../lib/setup/wheel-download";
import { readManifest } from "../../lib/setup/manifest";
import { failure, withFolder } from "./temporary-folder";

const test = suite("native backend");
const saved = { ...process.env };

test.after.each(() => {
  for (const name of ["CXX", "PYTHON", "PATH", "SYNTHMR_BACKEND", "SYNTHMR_DEVICE", "SYNTHMR_OFFLINE"]) {
    if (saved[name] === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = saved[name];
  }
});

function silent(): { progress: Progress; lines: string[] } {
  const lines: string[] = [];
  return { progress: new Progress(1, { write: (text: string) => lines.push(text) }), lines };
}

test("without a compiler the reason and the remedy are named", () =>
  withFolder(async (cache) => {
    process.env["CXX"] = "no-such-compiler";
    const message = await failure(() => ensureAddon(cache, "x", { cache, progress: silent().progress }));
    assert.match(message, /^no C\+\+ compiler was found. To mend: install a C\+\+ compiler/);
  }));

test("a compiler that fails is named with its first error", () =>
  withFolder(async (cache) => {
    const compiler = join(cache, "failing-compiler");
    writeFileSync(
      compiler,
      '#!/bin/sh\n[ "$1" = --version ] && echo "failing 1.0" && exit 0\necho "x.cc:1: error: no" >&2\nexit 1\n',
    );
    chmodSync(compiler, 0o755);
    process.env["CXX"] = compiler;
    const message = await failure(() => ensureAddon(cache, "x", { cache, progress: silent().progress }));
    assert.match(message, /failing-compiler could not build the tfjs-node addon: x\.cc:1: error: no/);
  }));

test("without Python, and with the network switched off, the download says so", () =>
  withFolder(async (folder) => {
    const [wheel] = readManifest("sri24").wheels;
    if (wheel === undefined) throw new Error("the manifest has a wheel");
    const download = (): Promise<string> => downloadWheel(wheel, folder, () => undefined);
    process.env["SYNTHMR_OFFLINE"] = "1";
    assert.match(await failure(download), /SYNTHMR_OFFLINE is set/);
    Reflect.deleteProperty(process.env, "SYNTHMR_OFFLINE");
    process.env["PATH"] = folder;
    process.env["PYTHON"] = "no-such-python";
    assert.match(await failure(download), /^no Python with pip was found/);
  }));

test("SYNTHMR_BACKEND=wasm leaves the staged backend alone and warns once", () =>
  withFolder(async (cache) => {
    process.env["SYNTHMR_BACKEND"] = "wasm";
    const { progress, lines } = silent();
    assert.equal(await ensureNativeBackend({ cache, progress }), { backend: "wasm", offline: false });
    assert.is(lines.length, 1);
    assert.ok(lines[0]?.includes(wasmWarning("SYNTHMR_BACKEND is set to wasm", "unset SYNTHMR_BACKEND")));
  }));

test("SYNTHMR_BACKEND=tensorflow makes its lack an error", () =>
  withFolder(async (cache) => {
    process.env["SYNTHMR_BACKEND"] = "tensorflow";
    process.env["SYNTHMR_OFFLINE"] = "1";
    assert.match(await failure(() => ensureNativeBackend({ cache, ...silent() })), /SYNTHMR_OFFLINE is set/);
  }));

test("SYNTHMR_DEVICE chooses the device; another value is refused", async () => {
  process.env["SYNTHMR_DEVICE"] = "gpu";
  assert.is(wantedDevice(), "gpu");
  process.env["SYNTHMR_DEVICE"] = "tpu";
  assert.match(await failure(() => wantedDevice()), /SYNTHMR_DEVICE is "tpu". To mend: set it to cpu or gpu/);
});

test("a staged file that is missing or cut short is noticed", () =>
  withFolder((folder) => {
    const path = join(folder, "library");
    const state: BackendState = {
      backend: "tensorflow",
      device: "cpu",
      tensorflowVersion: "2.21.0",
      key: "x",
      files: [{ path, sizeBytes: 4 }],
      reason: null,
      remedy: null,
    };
    assert.not.ok(isStaged(state));
    writeFileSync(path, "four");
    assert.ok(isStaged(state));
    writeFileSync(path, "cut");
    assert.not.ok(isStaged(state));
  }));

test.run();
