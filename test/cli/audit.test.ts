import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PROJECT_ROOT } from "../../lib/storage/project-root";
import { temporaryFolder } from "../temporary-folder";

const test = suite("synthmr data audit");
const folder = temporaryFolder();

/** Exit code, and the lines of the standard error. */
function audit(...words: readonly string[]): readonly [number | null, readonly string[]] {
  const main = join(PROJECT_ROOT, "lib", "cli", "main.ts");
  const { status, stderr } = spawnSync(
    process.execPath,
    ["-r", "ts-node/register/transpile-only", main, "data", "audit", ...words],
    { encoding: "utf8", cwd: PROJECT_ROOT, env: { ...process.env, NO_COLOR: "1" } },
  );
  return [status, stderr.split("\n").filter((line) => line !== "")];
}

test("refuses an empty folder, a comparison without its cohort, and a layout that it cannot read", () => {
  const out = ["--out", join(folder, "out")];
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[folder, ...out], /^synthmr: .*holds no subject/],
    [[folder, "--transfer", ...out], /^synthmr: --transfer: needs --against/],
    [[folder, "--against", folder, "--against-files", "x=y", ...out], /^synthmr: --against-files: x=y/],
  ];
  for (const [words, message] of cases) {
    const [status, faults] = audit(...words);
    assert.equal([status, faults.length], [2, 1], faults.join("\n"));
    assert.match(faults[0] ?? "", message);
  }
  assert.equal(readdirSync(folder), []);
});

test.run();
