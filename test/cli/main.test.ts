import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PROJECT_ROOT } from "../../lib/storage/project-root";
import { temporaryFolder } from "../temporary-folder";
import { runCommand, type Outcome } from "./run-command";

const test = suite("synthmr");

const folder = temporaryFolder();
const cache = join(folder, "cache");

/** Runs the command with a cache of its own. */
function synthmr(...words: readonly string[]): Outcome {
  return runCommand(words, { SYNTHMR_CACHE: cache });
}

/** Asserts that a command was refused: exit code 2, one line that names every part, and nothing on the output. */
function isRefused({ code, out, faults }: Outcome, ...parts: readonly string[]): void {
  assert.equal([code, out, faults.length], [2, "", 1], faults.join("\n"));
  for (const part of ["synthmr: ", ...parts])
    assert.ok(faults[0]?.includes(part), `"${faults[0]}" lacks "${part}"`);
}

test("tells its commands and its version", () => {
  const help = synthmr("--help");
  assert.is(help.code, 0);
  for (const command of ["reproduce", "data", "notebook", "kernel", "lab", "doctor"])
    assert.match(help.out, new RegExp(`^ +${command}\\b`, "m"));
  const { version } = JSON.parse(readFileSync(join(PROJECT_ROOT, "package.json"), "utf8")) as {
    version: string;
  };
  assert.equal(synthmr("--version"), { code: 0, out: `${version}\n`, faults: [] });
});

test("refuses a command or option that it does not know, at every depth, and says where to look", () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [["nope"], "error: unknown command 'nope'"],
    [["reproduce", "--nope"], "error: unknown option '--nope'"],
    [["data", "simulate", "--out", folder, "--unheard-of"], "error: unknown option '--unheard-of'"],
    [["data", "prepare", folder], "error: required option '--out <folder>' not specified"],
  ];
  for (const [words, message] of cases)
    assert.equal(synthmr(...words), { code: 2, out: "", faults: [message, "(add --help for the options)"] });
});

test("refuses a profile that there is not, before it makes a folder", () => {
  const out = join(folder, "run");
  isRefused(
    synthmr("reproduce", "--profile", "nope", "--out", out),
    "profile nope: is not known. Choose one of smoke, quick, laptop",
  );
  assert.not.ok(existsSync(out));
});

test("refuses a run folder below a file", () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  isRefused(synthmr("reproduce", "--profile", "smoke", "--out", join(file, "run")), "is not a folder");
  assert.is(readFileSync(file, "utf8"), "");
});

test("refuses a run folder that cannot be made", () => {
  // Even an administrator makes no folder here: /sys is no disk on Linux, and a sealed disk's root on macOS.
  isRefused(
    synthmr("reproduce", "--profile", "smoke", "--out", "/sys/synthmr/run"),
    "permission denied",
    "--out",
  );
});

test("refuses a cohort folder that is missing or empty, and leaves nothing", () => {
  const out = join(folder, "slices");
  isRefused(synthmr("data", "prepare", join(folder, "none"), "--out", out), "none", "no such file or folder");
  isRefused(synthmr("data", "check", temporaryFolder()), "synthmr-test-");
  assert.not.ok(existsSync(out));
  assert.not.ok(existsSync(cache));
  assert.equal(readdirSync(folder), ["file"]);
});

test.run();
