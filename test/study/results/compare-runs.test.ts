import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputError } from "../../../lib/errors";
import {
  compareRuns,
  comparisonTable,
  SMOKE_LIMITS,
  type RunComparison,
} from "../../../lib/study/results/compare-runs";
import { referenceMeasures, writeResults } from "../../../lib/study/results/results-file";
import {
  readRunMeasures,
  runMeasures,
  writeRunMeasures,
  type RunMeasures,
} from "../../../lib/study/results/run-measures";
import { near } from "../../near";
import { temporaryFolder } from "../../temporary-folder";
import { emptyResults, generatorCell, matched, trained } from "./made-up";
import { wholePictures, wholeStudy } from "./whole-study";

const test = suite("comparing two runs");

const SMOKE = { name: "smoke", purpose: "made up", meaningful: false, size: 64, seed: 1 };

/** Measures of a run of the profile smoke with one network of these Dice. */
function smokeRun(dice: readonly number[]): RunMeasures {
  return runMeasures(emptyResults({ profile: SMOKE, segmentation: [trained({}, dice)] }));
}

function largestOf({ kinds }: RunComparison): number {
  return kinds[0]?.largest ?? Number.NaN;
}

test("the measures of a run are worked out by hand: means over subjects, shares over images", () => {
  const cell = generatorCell("diffusion");
  // Best matches of held-out slices up to 0.8, so that two of four images lie above any of them.
  const heldOut = Array.from({ length: 100 }, (_, i) => 0.8 * (i / 99));
  const results = emptyResults({
    segmentation: [trained({}, [0.2, Number.NaN, 0.6])],
    memorization: [matched(cell, [0.1, 0.3, 0.9, 0.95], heldOut)],
  });
  const { measures } = runMeasures(results);
  const of = (kind: string): readonly number[] =>
    measures.filter((measure) => measure.kind === kind).map(({ value }) => value);
  assert.equal(of("dice").length, 3);
  near(of("dice"), [0.4, 0.4, 0.4], 1e-12);
  near(of("bestMatch"), [0.6], 1e-12);
  near(of("memorized"), [0.5], 1e-12);
});

test("a run agrees with itself, written and read, whatever is not defined in it", () => {
  const path = join(temporaryFolder(), "measures.json");
  const run = runMeasures({ ...wholeStudy(), profile: SMOKE });
  writeRunMeasures(path, run);
  const comparison = compareRuns(run, readRunMeasures(path));
  assert.ok(comparison.within);
  assert.equal(
    comparison.kinds.map(({ largest }) => largest),
    comparison.kinds.map(() => 0),
  );
  assert.is(
    comparison.kinds.reduce((sum, { count }) => sum + count, 0),
    run.measures.length,
  );
});

/** A run of the profile smoke with these Dice and no other measure. */
function diceRun(values: readonly number[]): RunMeasures {
  const measures = values.map((value, i) => ({ kind: "dice" as const, name: `network-${i}`, value }));
  return { ...smokeRun([0.5]), measures };
}

test("runs agree up to the limits and differ beyond one of them; the largest difference is named", () => {
  const { mean, largest } = SMOKE_LIMITS.dice;
  const run = diceRun(Array<number>(100).fill(0.5));
  const apart = (first: number, others: number): RunComparison =>
    compareRuns(run, diceRun([0.5 + first, ...Array<number>(99).fill(0.5 + others)]));
  const inside = apart(0.95 * largest, 0.5 * mean);
  assert.ok(inside.within);
  near([largestOf(inside)], [0.95 * largest], 1e-12);
  near([inside.kinds[0]?.mean ?? Number.NaN], [(0.95 * largest + 99 * 0.5 * mean) / 100], 1e-12);
  assert.not.ok(apart(1.05 * largest, 0).within, "one value too far");
  assert.not.ok(apart(0, 1.05 * mean).within, "all a little too far");
  const outside = apart(0.3, 0);
  assert.is(outside.kinds[0]?.name, "network-0");
  assert.match(comparisonTable(outside).toText(), /Dice of a class.* 100 .* 0\.0030 .* 0\.3000 .*network-0/);
});

test("other data is told whatever the numbers are, and a measure that one run lacks", () => {
  const run = smokeRun([0.5]);
  const [first, ...others] = run.hashes;
  const otherData = compareRuns(run, {
    ...run,
    hashes: [{ name: first?.name ?? "", sha256: "00".repeat(32) }, ...others],
  });
  assert.equal([otherData.within, otherData.otherData], [false, ["cohort"]]);
  const fewer = compareRuns(run, { ...run, measures: run.measures.slice(1) });
  assert.equal([fewer.within, fewer.unpaired], [false, ["dice unet-real-n52-seed1 necroticCore"]]);
  const undefinedThere = compareRuns(run, smokeRun([Number.NaN]));
  assert.equal([undefinedThere.within, undefinedThere.unpaired.length], [false, 3]);
});

test("nothing is stated for other profiles: any difference passes, and is shown", () => {
  const quick = (dice: readonly number[]): RunMeasures =>
    runMeasures(emptyResults({ segmentation: [trained({}, dice)] }));
  const comparison = compareRuns(quick([0.2]), quick([0.9]));
  assert.ok(comparison.within);
  near([largestOf(comparison)], [0.7], 1e-12);
  assert.is(comparison.kinds[0]?.limit, null);
});

test("a distance is compared as a ratio, and 0 with 0 differs by nothing", () => {
  const distance = (value: number): RunMeasures => ({
    ...smokeRun([0.5]),
    measures: [{ kind: "relativeFrechetDistance", name: "stylegan2", value }],
  });
  near([largestOf(compareRuns(distance(40), distance(50)))], [0.2], 1e-12);
  assert.is(compareRuns(distance(0), distance(0)).kinds[0]?.largest, 0);
});

test("runs of two profiles are refused", () => {
  const quick = runMeasures(emptyResults());
  assert.throws(
    () => compareRuns(smokeRun([0.5]), quick),
    (error: unknown) =>
      error instanceof InputError && /^profile: name: is smoke .* quick/.test(error.message),
  );
});

test("a folder of results holds the measures; a damaged file is refused with its field", async () => {
  const folder = join(temporaryFolder(), "results");
  mkdirSync(folder);
  const results = wholeStudy();
  await writeResults(folder, results, wholePictures());
  const path = join(folder, "measures.json");
  assert.equal(readRunMeasures(path).measures.length, runMeasures(results).measures.length);
  const text = readFileSync(path, "utf8");
  writeFileSync(
    path,
    text.replace('"kind": "dice"', '"kind": "luck"').replace('"kind":"dice"', '"kind":"luck"'),
  );
  assert.throws(
    () => readRunMeasures(path),
    (error: unknown) => error instanceof InputError && error.message.startsWith(`${path}: measures.0.kind: `),
  );
  rmSync(folder, { recursive: true });
});

test("the numbers that come with the project are of the profiles that they are named after", () => {
  for (const name of ["smoke", "quick"]) {
    const { profile, measures } = readRunMeasures(referenceMeasures(name));
    assert.equal([profile.name, measures.some(({ kind }) => kind === "dice")], [name, true]);
  }
});

test.run();
