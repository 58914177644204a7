import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { writeFileAtomic } from "../../lib/storage/atomic-write";
import { partPath, removeStaleParts } from "../../lib/storage/stale-parts";
import { temporaryFolder } from "../temporary-folder";

const test = suite("stale parts");

/** The number of a process that has ended. */
const DEAD = spawnSync(process.execPath, ["--version"]).pid;

/** A half-written file, last touched a minute ago. */
function leave(folder: string, name: string, ageSec = 60): void {
  const path = join(folder, name);
  writeFileSync(path, "half");
  const touched = Date.now() / 1000 - ageSec;
  utimesSync(path, touched, touched);
}

test("what a killed process left of a file goes when the file is written again", () => {
  const folder = temporaryFolder();
  leave(folder, `file.${DEAD}.part`);
  leave(folder, `other.${DEAD}.part`);
  writeFileAtomic(join(folder, "file"), "whole");
  assert.equal(readdirSync(folder), ["file", `other.${DEAD}.part`]);
  writeFileAtomic(join(folder, "other"), "whole");
  assert.equal(readdirSync(folder), ["file", "other"]);
});

test("what a living process writes stays, and so does what was touched just now", () => {
  const folder = temporaryFolder();
  const kept = [`file.${process.ppid}.part`, `file.${DEAD}.part`, "file.part", "file.x.part"];
  leave(folder, `file.${process.ppid}.part`);
  leave(folder, `file.${DEAD}.part`, 0);
  leave(folder, "file.part");
  leave(folder, "file.x.part");
  writeFileAtomic(join(folder, "file"), "whole");
  for (const name of kept) assert.ok(existsSync(join(folder, name)), name);
});

test("files are chosen by the name that they would have had", () => {
  const folder = temporaryFolder();
  for (const name of ["step-1", "step-2", "notes"]) leave(folder, `${name}.${DEAD}.part`);
  removeStaleParts(folder, (name) => name.startsWith("step-"));
  assert.equal(readdirSync(folder), [`notes.${DEAD}.part`]);
});

test("the part of a file carries the number of the process that writes it", () => {
  assert.is(partPath("/a/file"), `/a/file.${process.pid}.part`);
});

test.run();
