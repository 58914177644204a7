import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PNG } from "pngjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { temporaryFolder } from "../temporary-folder";
import { runCommand, type Outcome } from "./run-command";

const test = suite("synthmr generate");

function generate(blackBelow: string, out: string): Outcome {
  const options = ["--seeds", "0-0", "--out", out, `--black-below=${blackBelow}`];
  return runCommand(["generate", "stylegan2-64", ...options]);
}

function t1wOf(out: string): Uint8Array {
  return PNG.sync.read(readFileSync(join(out, "T1", "seed000000_T1.png"))).data.filter((_, i) => i % 4 === 0);
}

test("draws darker pixels as 0, or as they are", () => {
  const [raw, clean] = ["0", "8"].map((blackBelow) => {
    const out = join(temporaryFolder(), "images");
    const { code, faults } = generate(blackBelow, out);
    assert.is(code, 0, faults.join("\n"));
    return t1wOf(out);
  }) as [Uint8Array, Uint8Array];
  assert.ok(raw.some((value) => value > 0 && value < 8));
  assert.equal(
    clean,
    raw.map((value) => (value < 8 ? 0 : value)),
  );
});

test("refuses what is no grey value, and writes nothing", () => {
  for (const wrong of ["256", "-1", "1.5", "black", ""]) {
    const out = join(temporaryFolder(), "images");
    const { code, faults } = generate(wrong, out);
    assert.is(code, 2);
    assert.match(faults.join("\n"), "Expected a grey value, 0 to 255.");
    assert.not.ok(existsSync(out));
  }
});

test.run();
