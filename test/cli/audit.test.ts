import { readdirSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { temporaryFolder } from "../temporary-folder";
import { runCommand } from "./run-command";

const test = suite("synthmr data audit");
const folder = temporaryFolder();

const audit = (...words: readonly string[]) => runCommand(["data", "audit", ...words]);

test("refuses an empty folder, a comparison without its cohort, and a layout that it cannot read", () => {
  const out = ["--out", join(folder, "out")];
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[folder, ...out], /^synthmr: .*holds no subject/],
    [[folder, "--transfer", ...out], /^synthmr: --transfer: needs --against/],
    [[folder, "--against", folder, "--against-files", "x=y", ...out], /^synthmr: --against-files: x=y/],
  ];
  for (const [words, message] of cases) {
    const { code, faults } = audit(...words);
    assert.equal([code, faults.length], [2, 1], faults.join("\n"));
    assert.match(faults[0] ?? "", message);
  }
  assert.equal(readdirSync(folder), []);
});

test.run();
