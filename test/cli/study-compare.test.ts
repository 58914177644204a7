import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runMeasures, writeRunMeasures } from "../../lib/study/results/run-measures";
import { emptyResults, trained } from "../study/results/made-up";
import { temporaryFolder } from "../temporary-folder";
import { runCommand } from "./run-command";

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

const compare = (...paths: readonly string[]) => runCommand(["study", "compare", ...paths]);

test("says how far two runs lie apart, and leaves with 0 within the limit and 1 beyond it", () => {
  const [run, near, far] = [runOf("run", 0.5), runOf("near", 0.51), runOf("far", 0.7)];
  const agreed = compare(run, join(near, "results", "measures.json"));
  assert.is(agreed.code, 0, agreed.faults.join("\n"));
  assert.match(agreed.out, /Dice of a class.* 3 +0\.0100 +0\.015 +0\.0100 +0\.25 +unet-real-n52-seed1/);
  assert.match(agreed.out, "the runs agree within what is stated");
  const apart = compare(run, far);
  assert.is(apart.code, 1, apart.faults.join("\n"));
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
    assert.equal([code, out, faults.length], [2, "", 1], faults.join("\n"));
    assert.ok(faults[0]?.startsWith("synthmr: ") && faults[0].includes(reason), faults[0]);
  }
});

test.run();
