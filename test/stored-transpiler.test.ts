import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { PROJECT_ROOT } from "../lib/storage/project-root";
import { temporaryFolder } from "./temporary-folder";

const folder = temporaryFolder();

/** What a process says that runs a file of this text. */
function run(text: string): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const path = join(folder, "script.ts");
  writeFileSync(path, text);
  const args = ["-r", "ts-node/register/transpile-only", path];
  return spawnSync(process.execPath, args, { cwd: PROJECT_ROOT, encoding: "utf8" });
}

test("A file that was changed is translated anew", () => {
  const [first, again, changed] = [1, 1, 2].map(
    (value) => run(`const x: number = ${value}; console.log(x);`).stdout,
  );
  assert.is(first, "1\n");
  assert.is(again, "1\n");
  assert.is(changed, "2\n");
});

test("An error names the line of the TypeScript, from the store as well", () => {
  const text =
    "interface Gone {\n  readonly a: number;\n}\nconst x = { a: 1 } as Gone;\nthrow new Error(`a is ${x.a}`);\n";
  for (const { status, stderr } of [run(text), run(text)]) {
    assert.is(status, 1);
    assert.match(stderr, /script\.ts:5:7/);
  }
});

test("What is no TypeScript is refused each time", () => {
  for (const { status, stdout, stderr } of [run("console.log(1"), run("console.log(1")]) {
    assert.is(status, 1);
    assert.is(stdout, "");
    assert.match(stderr, /script\.ts.*'\)' expected/s);
  }
});

test.run();
