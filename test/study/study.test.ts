import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { startBackend, type BackendInfo } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { encodeGreyPng } from "../../lib/data/grey-png";
import { importImages } from "../../lib/data/import-images";
import { InputError } from "../../lib/errors";
import { FIGURE_NAMES, figureNames } from "../../lib/study/figures";
import { profileOf, type Profile } from "../../lib/study/profiles";
import { openPublishedSamples } from "../../lib/study/published-samples";
import { plannedStages } from "../../lib/study/reproduce";
import { reportTables } from "../../lib/study/stages/artefacts";
import { Study } from "../../lib/study/study";
import type { StudyContext } from "../../lib/study/stage";
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
function open(
  folder = runFolder,
  signal?: AbortSignal,
  more: Partial<StudyContext> = {},
): { readonly study: Study; readonly ended: string[] } {
  const rng = Rng.fromSeed(MINIATURE.seed).fork("study");
  const places = { profile: MINIATURE, runFolder: folder, dataFolder, rng };
  const context = testContext({ ...places, ...(signal === undefined ? {} : { signal }), ...more });
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

/** Images as others publish them: noise on a disc, a square of edema in every other one. */
async function importedImages(size: number, source: string): Promise<string> {
  const [images, folder] = [temporaryFolder(), temporaryFolder()];
  for (let n = 0; n < 24; n++)
    for (const channel of ["T1", "T1CE", "T2", "FLAIR", "Seg"]) {
      const draw = Rng.fromSeed(n).fork(channel).stream();
      const grey = Uint8Array.from({ length: size * size }, (_, i) => {
        const [x, y] = [(i % size) / size - 0.5, Math.floor(i / size) / size - 0.5];
        if (channel === "Seg") return n % 2 === 0 && Math.max(Math.abs(x), Math.abs(y)) < 0.2 ? 153 : 0;
        return Math.hypot(x, y) < 0.4 ? 60 + draw.integer(150) : 0;
      });
      writeFileSync(
        join(images, `seed${String(n).padStart(4, "0")}_${channel}.png`),
        encodeGreyPng(grey, size),
      );
    }
  await importImages({ folder: images, outFolder: folder, size, source, workers: 1 });
  return folder;
}

test("takes published images in place of a generator's samples, and says whose they are", async () => {
  const source = "StyleGAN 2, published";
  const publishedSamples = openPublishedSamples(await importedImages(256, source), MINIATURE.size);
  const { study, ended } = open(temporaryFolder(), undefined, { publishedSamples });
  await study.stageResults();
  assert.equal(
    ended.slice(2),
    [
      "Training the U-Net on real slices",
      "Reading published images",
      "Training the U-Net on synthetic slices",
      "Searching for memorized slices",
    ].sort((a, b) => (a.startsWith("Reading") ? -1 : b.startsWith("Reading") ? 1 : 0)),
  );
  assert.equal(
    plannedStages(study)
      .map(({ title }) => title)
      .filter((title) => /diffusion|notebook/.test(title)),
    [],
  );
  const { images, withoutTumour } = (await study.samples()).result;
  const set = await study.sampleSet();
  assert.equal([images, withoutTumour, set.size, set.source, set.simulated], [24, 12, 16, source, false]);
  const fault: unknown = await study.diffusion().catch((error: unknown) => error);
  assert.instance(fault, InputError);

  const texts: string[] = [];
  for (const name of figureNames(study)) {
    const { caption, alternative } = await study.figure(name);
    texts.push(caption, alternative);
  }
  for (const name of reportTables(study.context)) texts.push((await study.table(name)).toHtml());
  assert.not.match(texts.join(" "), /diffusion/);
  assert.match((await study.table("dice")).toHtml(), source);
  assert.match((await study.table("samples")).caption, source);
});

test("keys published images by their content, and refuses a folder without", async () => {
  const folder = await importedImages(16, "one");
  const { hash, storedSize } = openPublishedSamples(folder, 16);
  assert.is(storedSize, 16);
  assert.is(openPublishedSamples(folder, 16).hash, hash);
  assert.not.equal(openPublishedSamples(await importedImages(16, "another"), 16).hash, hash);
  const { folderName } = (await open().study.cohort()).result;
  const faults = [
    [folder, 32, /holds no imported images of 32 or 256 pixels/],
    [temporaryFolder(), 16, /holds no imported images of 16 or 256 pixels/],
    [join(folder, "none"), 16, /holds no imported images/],
    [join(dataFolder, `${folderName}-slices`), 16, /holds slices of subjects, not imported images/],
  ] as const;
  for (const [path, size, message] of faults)
    assert.throws(
      () => openPublishedSamples(path, size),
      (error: unknown) => error instanceof InputError && message.test(error.message),
    );
});

test.run();
