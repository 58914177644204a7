import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { startBackend, type BackendInfo } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { encodePng } from "../../lib/storage/encode-png";
import { importImages } from "../../lib/data/import-images";
import { InputError } from "../../lib/errors";
import { writeCollected } from "../../lib/study/collect/collect-results";
import { cohortFolder } from "../../lib/study/stages/cohort";
import { FIGURE_NAMES } from "../../lib/study/figures";
import { openPublishedSamples } from "../../lib/study/published-samples";
import { readResults } from "../../lib/study/results/results-file";
import { runStages } from "../../lib/study/run/run-stages";
import type { StudyContext } from "../../lib/study/stage";
import { Study } from "../../lib/study/study";
import { temporaryFolder } from "../temporary-folder";
import { testContext } from "./context";
import { MINIATURE } from "./miniature";

const test = suite("a study in miniature");

const runFolder = temporaryFolder();
const dataFolder = temporaryFolder();
let backend: BackendInfo;

test.before(async () => {
  // Without the atlas, heads are analytic ones; without files of other networks, the U-Net alone measures images.
  process.env["SYNTHMR_CACHE"] = temporaryFolder();
  backend = await startBackend({ precision: "float32" });
});

/** Opens the miniature in a folder, with the titles of its stages as they ended. */
function open(
  folder = runFolder,
  more: Partial<StudyContext> = {},
): { readonly study: Study; readonly ended: string[] } {
  const context = testContext({ profile: MINIATURE, runFolder: folder, dataFolder, ...more });
  return { study: new Study(context, backend), ended: context.ended };
}

test("runs every stage of its grid once, and leaves no tensor behind", async () => {
  const { study, ended } = open();
  const before = tf.memory().numTensors;
  const { missing } = await runStages(study, study.stages.all(), 1);
  assert.is(tf.memory().numTensors, before);
  assert.equal(missing, []);
  assert.is(ended.length, study.stages.all().length);
  assert.is(new Set(ended).size, ended.length);
  for (const { folder } of study.finished()) assert.ok(statSync(join(folder, "record.json")).size > 0);
  const { train, validation, test: held } = (await study.slices()).result;
  assert.equal(
    [train, validation, held].map(({ subjects }) => subjects.length),
    [2, 1, 2],
  );
  const { subjects, validations } = (await study.segmentation({ generator: "diffusion" })).result;
  assert.equal(subjects.map(({ subject }) => subject).sort(), [...held.subjects].sort());
  assert.equal(
    validations.map(({ imagesSeen }) => imagesSeen),
    [32, 64],
  );
});

test("takes every result from its record when it is opened again", async () => {
  const { study, ended } = open();
  await runStages(study, study.stages.all(), 1);
  assert.ok(ended.length > 0 && ended.every((title) => title.endsWith(", reused")));
});

test("trains on real slices and images together where it is asked to", async () => {
  const { study } = open();
  const slices = async (choice: Parameters<Study["segmentation"]>[0]) =>
    (await study.segmentation(choice)).result.trainingSlices;
  const [real, synthetic] = [await slices({}), await slices({ generator: "diffusion" })];
  // Four fifths of the 24 images train.
  assert.is(synthetic, 19);
  assert.is(await slices({ generator: "diffusion", real: true }), real + synthetic);
});

test("collects what is finished, and reads it back", async () => {
  const { study } = open();
  const { results } = await writeCollected(study);
  const { planned, segmentation, generators, quality, memorization, images, cohort, missing } = results;
  assert.is(segmentation.length, planned.segmentation.length);
  assert.is(segmentation.length, 3);
  assert.equal([generators.length, quality.length, memorization.length], [1, 1, 2]);
  assert.equal(missing, []);
  assert.equal([cohort.name, cohort.simulated, cohort.train.subjects], ["simulated", true, 2]);
  // The real slices, and one generator's images.
  assert.equal(
    images.map(({ cell }) => cell?.generator ?? "real"),
    ["real", "diffusion"],
  );
  for (const { origin } of segmentation) assert.ok(statSync(join(runFolder, origin.path)).size > 0);
  const again = readResults(join(runFolder, "results"));
  // As JSON, where what is not defined is null; the order of fields is the reader's.
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  assert.equal(plain(again), plain(results));
});

test("draws every figure of its data", async () => {
  const { study } = open();
  for (const name of FIGURE_NAMES) assert.is((await study.figure(name)).id, name);
  for (const name of ["profile", "cohort-facts", "split"])
    assert.ok((await study.table(name)).rows.length > 0, name);
});

test("goes on after it was stopped, with the same images and scores as in one piece", async () => {
  const folder = temporaryFolder();
  const controller = new AbortController();
  const stopped = open(folder, { signal: controller.signal });
  await stopped.study.slices();
  const training = stopped.study.generator("diffusion");
  setTimeout(() => {
    controller.abort(new Error("stop"));
  }, 50);
  const outcome = await training.then(() => "ended").catch((error: unknown) => String(error));
  assert.match(outcome, /stop|ended/);

  const [{ study }, whole] = [open(folder), open().study];
  assert.is(
    (await study.samples("diffusion")).result.sha256,
    (await whole.samples("diffusion")).result.sha256,
  );
  const dice = async (of: Study) => (await of.segmentation({ generator: "diffusion" })).result.subjects;
  assert.equal(await dice(study), await dice(whole));
});

test("does again what is missing, and only that", async () => {
  const { study } = open();
  const { folder } = await study.samples("diffusion");
  rmSync(join(folder, "slices-16.json"));
  const { study: again, ended } = open();
  await runStages(again, again.stages.all(), 1);
  assert.equal(
    ended.filter((title) => !title.endsWith("reused")),
    ["Drawing images of the diffusion model, 2 subjects"],
  );
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
        encodePng({ width: size, height: size, channels: 1, bytes: grey }),
      );
    }
  await importImages({ folder: images, outFolder: folder, size, source, workers: 1 });
  return folder;
}

test("takes published images in place of a generator's, and trains none", async () => {
  const source = "StyleGAN 2, published";
  const published = openPublishedSamples(await importedImages(256, source), MINIATURE.size);
  const { study } = open(temporaryFolder(), { publishedSamples: { diffusion: published } });
  const names = study.stages.all().map(({ name }) => name);
  assert.not.ok(names.includes("diffusion-n2-seed1"));
  assert.ok(names.includes("samples-diffusion-published"));
  const { images, withoutTumour, published: told } = (await study.samples("diffusion")).result;
  const set = await study.sampleSet("diffusion");
  assert.equal([images, withoutTumour, told], [24, 12, source]);
  assert.equal([set.size, set.source, set.simulated], [16, source, false]);
  assert.throws(() =>
    study.stages.generator({ cohort: "simulated", generator: "diffusion", subjects: 2, seed: 1 }),
  );
});

test("keys published images by their content, and refuses a folder without", async () => {
  const folder = await importedImages(16, "one");
  const { hash, storedSize } = openPublishedSamples(folder, 16);
  assert.is(storedSize, 16);
  assert.is(openPublishedSamples(folder, 16).hash, hash);
  assert.not.equal(openPublishedSamples(await importedImages(16, "another"), 16).hash, hash);
  const { folderName } = cohortFolder(open().study.context);
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
