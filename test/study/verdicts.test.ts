import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { BRATS_AFFINE, writeNifti } from "../../lib/data/nifti";
import { DEFAULT_VERSION } from "../../lib/data/simulation/simulation-version";
import { simulateCohort } from "../../lib/data/simulation/simulate-cohort";
import { InputError } from "../../lib/errors";
import { checkCohortFiles } from "../../lib/study/cohort-checks";
import type { Study } from "../../lib/study/study";
import { studyVerdict } from "../../lib/study/verdicts";
import { temporaryFolder } from "../temporary-folder";
import { slicesWithTumours, studyOf } from "./results";

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

test("cohort: files like those of BraTS, and no subject on two sides of the split", async () => {
  const dataFolder = temporaryFolder();
  const recipe = { name: "tiny", version: DEFAULT_VERSION, seed: 1, subjects: 1 } as const;
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

test("a generator: compares the share of slices with a tumour, and the median tumour", async () => {
  // Half of the training slices have a tumour, of 4 pixels at the median.
  const train = slicesWithTumours([0, 0, 0, 0, 0, 3, 4, 4, 4, 5]);
  const judged = async (...pixels: readonly number[]) =>
    (await verdictsOf(studyOf({ train, samples: slicesWithTumours(pixels) }), "stylegan2")).slice(1, 3);
  assert.equal(await judged(0, 0, 4, 4), ["holds", "holds"]);
  // 45 % are within a tenth of 50 %, 5 pixels within a third of 4.
  assert.equal(await judged(...Array<number>(11).fill(0), ...Array<number>(9).fill(5)), ["holds", "holds"]);
  assert.equal(await judged(0, 4, 4, 4), ["does not hold", "holds"]);
  assert.equal(await judged(0, 3, 0, 3), ["holds", "does not hold"]);
  assert.equal(await judged(0, 6, 0, 6), ["holds", "does not hold"]);
  assert.equal(await judged(0, 0), ["does not hold", "does not hold"]);
});

test("a generator: images that are all the same are repeats, and tumours without a brain impossible", async () => {
  const train = slicesWithTumours([1, 3, 5, 7, 9]);
  const samples = slicesWithTumours([4, 4, 4, 4]);
  const [distinct, , , masks] = await verdictsOf(studyOf({ train, samples }), "diffusion");
  assert.equal([distinct, masks], ["does not hold", "does not hold"]);
});

test("a generator: a profile whose numbers mean nothing gets no verdict", async () => {
  const slices = slicesWithTumours([0, 4]);
  const verdicts = await verdictsOf(studyOf({ train: slices, samples: slices }, "smoke"), "stylegan1");
  assert.equal([...new Set(verdicts)], ["not tested at this scale"]);
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
      `verdict ${name}: is not known. Choose one of environment, cohort, progressive-gan, stylegan1`,
    );
  }
});

test.run();
