import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { BRATS_AFFINE, writeNifti } from "../../lib/data/nifti";
import { COHORT_VERSION } from "../../lib/data/simulation/cohort-recipe";
import { simulateCohort } from "../../lib/data/simulation/simulate-cohort";
import { InputError } from "../../lib/errors";
import { checkCohortFiles } from "../../lib/study/cohort-checks";
import type { Study } from "../../lib/study/study";
import { studyVerdict } from "../../lib/study/verdicts";
import { temporaryFolder } from "../temporary-folder";
import { slicesWithTumours, studyOf, type SubjectDice } from "./results";

const test = suite("verdicts");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** The verdicts of a part, one a check. */
async function verdictsOf(study: Study, name: string): Promise<readonly unknown[]> {
  const table = await studyVerdict(study, name);
  assert.match(table.caption, "simulated");
  return table.rows.map((row) => row.at(-1));
}

/** Subjects with one Dice in all classes. */
const same = (...dices: readonly number[]): readonly SubjectDice[] => dices.map((dice) => [dice, dice, dice]);

test("relative Dice: reproduced from 0.8, in part where its interval reaches that, else not", async () => {
  const judged = async (...synthetic: readonly number[]) =>
    (
      await verdictsOf(
        studyOf({ real: same(...synthetic.map(() => 1)), synthetic: same(...synthetic) }),
        "dice",
      )
    )[0];
  assert.is(await judged(0.85, 0.85), "reproduced");
  assert.is(await judged(0.75, 0.9), "reproduced");
  // Mean 0.75, but one draw in four takes the better subject twice.
  assert.is(await judged(0.6, 0.9), "in part");
  assert.is(await judged(0.79, 0.79), "not reproduced");
  assert.is(await judged(0.2, 0.7), "not reproduced");
});

test("relative Dice: not reproduced where it is not defined", async () => {
  assert.equal(await verdictsOf(studyOf({ real: same(0), synthetic: same(0.5) }), "dice"), [
    "not reproduced",
  ]);
});

test("relative Dice: a profile whose numbers mean nothing gets no verdict", async () => {
  const study = studyOf({ real: same(1), synthetic: same(0.9) }, "smoke");
  assert.equal(await verdictsOf(study, "dice"), ["not tested at this scale"]);
});

test("memorization: holds up to twice the share of held-out slices, in each extent", async () => {
  const judged = (...sharesAbove: readonly number[]) => verdictsOf(studyOf({ sharesAbove }), "memorization");
  assert.equal(await judged(0, 0.02), ["holds", "holds"]);
  assert.equal(await judged(0.021, 0.01), ["does not hold", "holds"]);
  assert.equal(await verdictsOf(studyOf({ sharesAbove: [0.5] }, "smoke"), "memorization"), [
    "not tested at this scale",
  ]);
});

test("cohort: files like those of BraTS, and no subject on two sides of the split", async () => {
  const dataFolder = temporaryFolder();
  const recipe = { name: "tiny", version: COHORT_VERSION, seed: 1, subjects: 1 };
  await simulateCohort({ recipe, folder: join(dataFolder, "tiny"), workers: 1, anatomy: "analytic" });
  const judged = async (trainSubjects: readonly string[], testSubjects: readonly string[]) => {
    const cohort = [dataFolder, "tiny"] as const;
    return (await verdictsOf(studyOf({ trainSubjects, testSubjects, cohort }), "cohort")).slice(0, 3);
  };
  assert.equal(await judged(["A", "B"], ["C"]), ["holds", "holds", "holds"]);
  assert.equal(await judged(["A", "B"], ["C", "B"]), ["holds", "holds", "does not hold"]);
});

test("cohort: names a label that BraTS does not have, and another geometry", () => {
  const folder = temporaryFolder();
  const data = Uint8Array.of(0, 1, 3, 4);
  const volume = { ...({ shape: [2, 2, 1], spacingMm: [1, 1, 1], affine: BRATS_AFFINE } as const), data };
  for (const part of ["t1", "t1ce", "t2", "flair", "seg"])
    writeNifti(join(folder, "cohort", "S1", `S1_${part}.nii.gz`), volume);
  const checks = checkCohortFiles(join(folder, "cohort"), 3);
  assert.equal(checks, { subjects: 1, geometry: false, labels: [0, 1, 3, 4] });
});

test("samples: compares the share of slices with a tumour, and the median tumour", async () => {
  // Half of the training slices have a tumour, of 4 pixels at the median.
  const train = slicesWithTumours([0, 0, 0, 0, 0, 3, 4, 4, 4, 5]);
  const judged = (...pixels: readonly number[]) =>
    verdictsOf(studyOf({ train, samples: slicesWithTumours(pixels) }), "samples");
  assert.equal(await judged(0, 0, 4, 4), ["holds", "holds"]);
  // 45 % are within a tenth of 50 %, 5 pixels within a third of 4.
  assert.equal(await judged(...Array<number>(11).fill(0), ...Array<number>(9).fill(5)), ["holds", "holds"]);
  assert.equal(await judged(0, 4, 4, 4), ["does not hold", "holds"]);
  assert.equal(await judged(0, 3, 0, 3), ["holds", "does not hold"]);
  assert.equal(await judged(0, 6, 0, 6), ["holds", "does not hold"]);
  assert.equal(await judged(0, 0), ["does not hold", "does not hold"]);
});

test("environment: draws and gradients repeat, and nothing is left in memory", async () => {
  const before = tf.memory().numTensors;
  assert.equal(await verdictsOf(studyOf({}), "environment"), ["holds", "holds"]);
  assert.is(tf.memory().numTensors, before);
});

test("refuses a part that there is not, with those there are", async () => {
  for (const name of ["nope", "toString"]) {
    const fault: unknown = await studyVerdict(studyOf({}), name).catch((error: unknown) => error);
    assert.instance(fault, InputError);
    assert.match(
      String(fault),
      `verdict ${name}: is not known. Choose one of environment, cohort, samples, dice`,
    );
  }
});

test.run();
