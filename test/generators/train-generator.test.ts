import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { InputError } from "../../lib/errors";
import { countParameters } from "../../lib/generators/build-networks";
import type { ImageSource } from "../../lib/generators/image-source";
import { openGenerator } from "../../lib/generators/open-generator";
import { SHEET_IMAGES, sheetWatch } from "../../lib/generators/sample-sheet";
import { trainGenerator } from "../../lib/generators/train-generator";
import { readTrainingRecord } from "../../lib/generators/training-record";
import { sha256 } from "../../lib/storage/content-hash";
import { InterruptedError } from "../../lib/training/loop/training-loop";
import { temporaryFolder } from "../temporary-folder";
import { tinySlices } from "../training/tiny-diffusion";
import { TINY_CONFIGS, tinyConfig } from "./tiny-configs";
import { tinyTraining } from "./tiny-training";

const test = suite("trainGenerator");

const isInputError = (error: unknown): boolean => error instanceof InputError;

test.before(async () => {
  await startBackend({ precision: "float32" });
});

for (const config of TINY_CONFIGS)
  test(`trains, shows itself, leaves record and weights, and draws: ${config.kind}`, async () => {
    const folder = temporaryFolder();
    const before = tf.memory().numTensors;
    const looks: [number, Uint8Array][] = [];
    const watch = {
      everyImages: config.training.images,
      see: (images: ImageSource, imagesSeen: number) => {
        looks.push([imagesSeen, images.drawBatch([0, 1])]);
      },
    };
    const { record, weights, outcome } = await trainGenerator({ ...tinyTraining(folder, config), watch });

    assert.equal(readTrainingRecord(folder), JSON.parse(JSON.stringify(record)));
    assert.equal([record.generator, record.imagesSeen, record.size], [config.kind, outcome.imagesSeen, 8]);
    assert.equal(record.parameters, countParameters(config));
    assert.is(record.data.sha256, sha256(tinySlices().images));
    assert.is(record.weightsSha256, sha256(readFileSync(weights)));

    const source = openGenerator(folder);
    assert.is(source.parameters, countParameters(config).generator);
    assert.equal(source.description.data, { source: "made for a test", simulated: true });
    // The last look was at the finished weights.
    assert.equal(looks, [[outcome.imagesSeen, source.drawBatch([0, 1])]]);
    source.dispose();
    assert.is(tf.memory().numTensors, before);
  });

for (const kind of ["stylegan3", "diffusion"] as const)
  test(`gives the same weights stopped and resumed, looked at or not: ${kind}`, async () => {
    const [whole, parts] = [temporaryFolder(), temporaryFolder()];
    const config = tinyConfig(kind);
    const watch = { everyImages: 4, see: (images: ImageSource) => void images.drawBatch([3]) };
    const { weights } = await trainGenerator({ ...tinyTraining(whole, config), watch });
    const stop = new AbortController();
    const onProgress = ({ stepsDone }: { readonly stepsDone: number }) => {
      if (stepsDone === 2) stop.abort();
    };
    const loop = { ...tinyTraining(parts, config).loop, signal: stop.signal, onProgress };
    const stopped = trainGenerator({ ...tinyTraining(parts, config), loop });
    assert.ok((await stopped.catch((error: unknown) => error)) instanceof InterruptedError);
    const resumed = await trainGenerator(tinyTraining(parts, config));
    assert.is(resumed.outcome.resumedAt, 2);
    assert.is(sha256(readFileSync(resumed.weights)), sha256(readFileSync(weights)));
  });

test("leaves sheets of the same images in the folder", async () => {
  const [folder, config] = [temporaryFolder(), tinyConfig("diffusion")];
  await trainGenerator({ ...tinyTraining(folder, config), watch: sheetWatch(folder, 8) });
  const sheets = readdirSync(folder).filter((name) => /^samples-.*\.png$/.test(name));
  assert.equal(sheets, ["samples-000000008.png", "samples-000000016.png"]);
  assert.ok(SHEET_IMAGES % 2 === 0);
  assert.not.equal(...(sheets.map((name) => readFileSync(join(folder, name))) as [Buffer, Buffer]));
});

test("refuses slices of another size, and a record that is none", async () => {
  const folder = temporaryFolder();
  const options = { ...tinyTraining(folder, tinyConfig("diffusion")), slices: tinySlices(10, 16) };
  const error = await trainGenerator(options).catch((fault: unknown) => fault);
  assert.ok(
    error instanceof InputError && error.message.includes("slices of 16 pixels, the generator makes 8"),
  );
  assert.throws(() => readTrainingRecord(folder), isInputError);
});

test.run();
