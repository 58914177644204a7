import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { startBackend, type BackendInfo } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { FIGURE_NAMES } from "../../lib/study/figures";
import { profileOf, type Profile } from "../../lib/study/profiles";
import { Study } from "../../lib/study/study";
import { temporaryFolder } from "../temporary-folder";
import { testContext } from "./context";

const test = suite("a study in miniature");

const SMOKE = profileOf("smoke");

/** The smallest study: five analytic heads at 16 pixels, trainings of a few steps. */
const MINIATURE: Profile = {
  ...SMOKE,
  cohort: { recipe: { ...SMOKE.cohort.recipe, subjects: 5 } },
  split: { validation: 1, test: 2 },
  size: 16,
  diffusion: {
    ...SMOKE.diffusion,
    training: { ...SMOKE.diffusion.training, images: 64, batchSize: 16 },
  },
  sampling: { method: { kind: "ddim", steps: 2 }, images: 20, batchSize: 8 },
  segmentation: {
    network: { ...SMOKE.segmentation.network, depth: 3 },
    training: {
      ...SMOKE.segmentation.training,
      images: 64,
      epochImages: 16,
      batchSize: 16,
      warmUpEpochs: 1,
      validateEveryImages: 32,
    },
  },
};
const STAGES = [
  "Simulating the cohort",
  "Preparing slices",
  "Training the diffusion model",
  "Drawing synthetic slices",
  "Training the U-Net on real slices",
  "Training the U-Net on synthetic slices",
  "Searching for memorized slices",
];

const runFolder = temporaryFolder();
const dataFolder = temporaryFolder();
let backend: BackendInfo;

test.before(async () => {
  // Without the atlas, heads are analytic ones.
  process.env["SYNTHMR_CACHE"] = temporaryFolder();
  backend = await startBackend({ precision: "float32" });
});

/** Opens the miniature in a folder, with the titles of its stages as they ended. */
function open(folder = runFolder, signal?: AbortSignal): { readonly study: Study; readonly ended: string[] } {
  const rng = Rng.fromSeed(MINIATURE.seed).fork("study");
  const places = { profile: MINIATURE, runFolder: folder, dataFolder, rng };
  const context = testContext({ ...places, ...(signal === undefined ? {} : { signal }) });
  return { study: new Study(context, backend), ended: context.ended };
}

test("runs every stage once, in order, and leaves no tensor behind", async () => {
  const { study, ended } = open();
  const before = tf.memory().numTensors;
  const stages = await study.stageResults();
  assert.is(tf.memory().numTensors, before);
  assert.equal(ended, STAGES);
  for (const { folder } of stages) assert.ok(statSync(join(folder, "record.json")).size > 0);
  const { train, validation, test: held } = (await study.slices()).result;
  assert.equal(
    [train, validation, held].map(({ subjects }) => subjects.length),
    [2, 1, 2],
  );
  const { subjects, validations } = (await study.segmentation("synthetic")).result;
  assert.equal(subjects.map(({ subject }) => subject).sort(), [...held.subjects].sort());
  assert.equal(
    validations.map(({ imagesSeen }) => imagesSeen),
    [32, 64],
  );
});

test("takes every result from its record when it is opened again", async () => {
  const { study, ended } = open();
  await study.stageResults();
  assert.equal(
    ended,
    STAGES.map((title) => `${title}, reused`),
  );
});

test("draws every figure, table and verdict from the records", async () => {
  const { study } = open();
  for (const name of FIGURE_NAMES) assert.is((await study.figure(name)).id, name);
  for (const name of ["profile", "cohort", "split", "diffusion", "samples", "dice", "memorization"])
    assert.ok((await study.table(name)).rows.length > 0, name);
  for (const name of ["cohort", "samples", "dice", "memorization"])
    assert.ok((await study.verdict(name)).rows.length > 0, name);
});

test("goes on after it was stopped, with the same samples and scores as in one piece", async () => {
  const folder = temporaryFolder();
  const controller = new AbortController();
  const stopped = open(folder, controller.signal);
  await stopped.study.sliceSets();
  const training = stopped.study.diffusion();
  setTimeout(() => {
    controller.abort(new Error("stop"));
  }, 50);
  const outcome = await training.then(() => "ended").catch((error: unknown) => String(error));
  assert.match(outcome, /stop|ended/);

  const [{ study }, whole] = [open(folder), open().study];
  assert.is((await study.samples()).result.sha256, (await whole.samples()).result.sha256);
  const dice = async (of: Study) => (await of.segmentation("synthetic")).result.subjects;
  assert.equal(await dice(study), await dice(whole));
});

test("does again what is missing, and only that", async () => {
  const { study } = open();
  const { folder } = await study.samples();
  rmSync(join(folder, "samples.safetensors"));
  const { study: again, ended } = open();
  await again.stageResults();
  assert.equal(
    ended.filter((title) => !title.endsWith("reused")),
    ["Drawing synthetic slices"],
  );
  assert.not.ok(readdirSync(folder).some((name) => name.startsWith("batch-")));
});

test.run();
