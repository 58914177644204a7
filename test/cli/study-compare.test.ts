import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runMeasures, writeRunMeasures } from "../../lib/study/results/run-measures";
import { PROJECT_ROOT } from "../../lib/storage/project-root";
import { emptyResults, trained } from "../study/results/made-up";
import { temporaryFolder } from "../temporary-folder";

const test = suite("synthmr study compare");

const folder = temporaryFolder();

/** Writes the measures of a made-up run of the profile smoke with this Dice, as a run's folder holds them. */
function runOf(name: string, dice: number): string {
  const run = join(folder, name);
  mkdirSync(join(run, "results"), { recursive: true });
  const profile = { name: "smoke", purpose: "made up", meaningful: false, size: 64, seed: 1 };
  const results = emptyResults({ profile, segmentation: [trained({}, [dice])] });
  writeRunMeasures(join(run, "results", "measures.json"), runMeasures(results));
  return run;
}

function compare(...paths: readonly string[]): {
  readonly code: number | null;
  readonly out: string;
  readonly faults: string;
} {
  const main = join(PROJECT_ROOT, "lib", "cli", "main.ts");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["-r", "ts-node/register/transpile-only", main, "study", "compare", ...paths],
    { encoding: "utf8", cwd: PROJECT_ROOT, env: { ...process.env, NO_COLOR: "1" } },
  );
  return { code: status, out: stdout, faults: stderr };
}

test("says how far two runs lie apart, and leaves with 0 within the limit and 1 beyond it", () => {
  const [run, near, far] = [runOf("run", 0.5), runOf("near", 0.51), runOf("far", 0.7)];
  const agreed = compare(run, join(near, "results", "measures.json"));
  assert.is(agreed.code, 0, agreed.faults);
  assert.match(agreed.out, /Dice of a class.* 3 +0\.0100 +0\.015 +0\.0100 +0\.25 +unet-real-n52-seed1/);
  assert.match(agreed.out, "the runs agree within what is stated");
  const apart = compare(run, far);
  assert.is(apart.code, 1, apart.faults);
  assert.match(apart.out, "the runs differ by more than is stated");
});

test("refuses what is no run, in one line", () => {
  const path = join(folder, "other.json");
  writeFileSync(path, '{"format":"synthmr-measures-0"}');
  for (const [given, reason] of [
    [path, `${path}: format: is not measures of a run`],
    [join(folder, "nowhere"), "no such file or folder"],
  ] as const) {
    const { code, out, faults } = compare(runOf("run", 0.5), given);
    assert.equal([code, out], [2, ""], faults);
    assert.ok(faults.startsWith("synthmr: ") && faults.includes(reason), faults);
    assert.is(faults.trimEnd().split("\n").length, 1);
  }
});

test.run();
