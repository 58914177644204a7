import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputError } from "../../../lib/errors";
import { fromFloat32, toFloat32 } from "../../../lib/storage/safetensors";
import { readLatestCheckpoint, writeCheckpoint } from "../../../lib/training/loop/checkpoint";
import { temporaryFolder } from "../../temporary-folder";

const test = suite("checkpoint");

let folder: string;
test.before.each(() => {
  folder = temporaryFolder();
});

/** A checkpoint of one tensor that holds its step. */
function write(step: number, configHash = "config"): string {
  const state = new Map([["network/values", fromFloat32(Float32Array.of(step, 0.1), [2])]]);
  return writeCheckpoint(folder, { step, imagesSeen: 4 * step, durationSec: 1.5, configHash }, state);
}

const latestStep = () => readLatestCheckpoint(folder, "config")?.progress.step;

test("gives back progress and state of the newest", () => {
  write(3);
  const path = write(12);
  const checkpoint = readLatestCheckpoint(folder, "config");
  assert.is(checkpoint?.path, path);
  assert.equal(checkpoint?.progress, { step: 12, imagesSeen: 48, durationSec: 1.5, configHash: "config" });
  const stored = checkpoint?.state.get("network/values");
  assert.equal(stored && [...toFloat32(stored)], [12, Math.fround(0.1)]);
});

test("finds none in a folder that is empty or not there", () => {
  assert.is(latestStep(), undefined);
  assert.is(readLatestCheckpoint(join(folder, "none"), "config"), undefined);
});

test("keeps the newest two", () => {
  for (const step of [1, 2, 9, 10, 100]) write(step);
  assert.equal(readdirSync(folder).sort(), [
    "checkpoint-00000010.safetensors",
    "checkpoint-00000100.safetensors",
  ]);
});

test("passes a newest one that was cut short at any place over for the one before it", () => {
  write(1);
  const path = write(2);
  const size = readFileSync(path).length;
  for (const length of [size - 1, Math.floor(size / 2), 20, 8, 7, 0]) {
    truncateSync(path, length);
    assert.is(latestStep(), 1, `${length} bytes`);
  }
});

test("passes one without sound progress over", () => {
  write(1);
  const path = write(2);
  const text = readFileSync(path, "latin1");
  for (const [from, to] of [
    ["step", "stop"],
    [':2,\\"', ':-,\\"'],
    ["progress", "regress!"],
  ] as const) {
    assert.ok(text.includes(from));
    writeFileSync(path, text.replace(from, to), "latin1");
    assert.is(latestStep(), 1, to);
  }
});

test("is not read where all are damaged", () => {
  truncateSync(write(1), 10);
  truncateSync(write(2), 10);
  assert.is(latestStep(), undefined);
});

test("replaces damaged ones that a run went back behind", () => {
  truncateSync(write(20), 10);
  truncateSync(write(30), 10);
  write(5);
  assert.is(latestStep(), 5);
  write(6);
  assert.equal(readdirSync(folder).sort(), [
    "checkpoint-00000005.safetensors",
    "checkpoint-00000006.safetensors",
  ]);
});

test("refuses another config with the file and what to do", () => {
  const path = write(4, "another");
  assert.throws(
    () => latestStep(),
    (error: unknown) =>
      error instanceof InputError &&
      error.subject === path &&
      /other settings.*Remove the folder/.test(error.message),
  );
});

test("ignores other files, and what a killed run left half-written", () => {
  write(1);
  for (const name of ["checkpoint-00000009.safetensors.77.part", "notes.txt", "checkpoint-7.safetensors"])
    writeFileSync(join(folder, name), "x");
  assert.is(latestStep(), 1);
});

test("leaves the older ones alone and nothing half-written where the disk is full", () => {
  write(1);
  write(2);
  symlinkSync("/dev/full", join(folder, `checkpoint-00000003.safetensors.${process.pid}.part`));
  assert.throws(() => write(3), /no space left on the disk/);
  assert.equal(readdirSync(folder).sort(), [
    "checkpoint-00000001.safetensors",
    "checkpoint-00000002.safetensors",
  ]);
  assert.is(latestStep(), 2);
});

test("says so where its folder cannot be made", () => {
  writeFileSync(join(folder, "file"), "");
  folder = join(folder, "file", "run");
  assert.throws(
    () => write(1),
    (error: unknown) => error instanceof InputError && /not a folder/.test(error.message),
  );
  assert.not(existsSync(folder));
});

test("does not hide that a checkpoint's place is taken by a folder", () => {
  mkdirSync(join(folder, "checkpoint-00000001.safetensors"));
  assert.throws(() => write(1), /is a folder, not a file/);
});

test.run();
