import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startBackend } from "../../lib/backend/start";
import { decodeMasksOf } from "../../lib/data/mask-decoding";
import { InputError } from "../../lib/errors";
import { openGenerator } from "../../lib/generators/open-generator";
import { renewCard } from "../../lib/generators/renew-card";
import { readSheet, SHEET_IMAGES, someSheets } from "../../lib/generators/sample-sheet";
import { shipModel } from "../../lib/generators/ship-model";
import { trainGenerator } from "../../lib/generators/train-generator";
import { readTrainingRecord, writeTrainingRecord } from "../../lib/generators/training-record";
import { readGeneratorDescription } from "../../lib/generators/generator-file";
import { readShippedModel, zooNames } from "../../lib/generators/zoo";
import { readSafetensors } from "../../lib/storage/safetensors";
import { temporaryFolder } from "../temporary-folder";
import { tinyConfig } from "./tiny-configs";
import { tinyTraining } from "./tiny-training";

const test = suite("shipModel");

const from = temporaryFolder();

test.before(async () => {
  await startBackend({ precision: "float32" });
  await trainGenerator(tinyTraining(from, tinyConfig("diffusion")));
});

const OPTIONS = {
  from,
  name: "diffusion-8",
  scores: [{ measure: "Dice", value: "0.5", detail: "of 2" }],
  limits: ["It is tiny."],
};

test("leaves weights in half precision, card, page and log, which draw nearly the same images", () => {
  const zoo = temporaryFolder();
  const folder = shipModel({ ...OPTIONS, zoo });
  assert.equal(readdirSync(folder).sort(), ["README.md", "card.json", "log.jsonl", "weights.safetensors"]);
  assert.equal(zooNames(zoo), ["diffusion-8"]);
  const { card, log } = readShippedModel("diffusion-8", zoo);
  const record = readTrainingRecord(from);
  assert.equal([card.generator, card.size, card.imagesSeen], ["diffusion", 8, 16]);
  assert.equal(
    [card.data, card.command, card.parameters],
    [record.data, "a test", record.parameters.generator],
  );
  assert.is(log.length, 4);
  const { tensors } = readSafetensors(join(folder, "weights.safetensors"));
  assert.equal([...new Set([...tensors.values()].map(({ dtype }) => dtype))], ["F16"]);
  const page = readFileSync(join(folder, "README.md"), "utf8");
  for (const part of [
    "# Model card: diffusion-8",
    "| Dice | 0.5 | of 2 |",
    "- It is tiny.",
    "made for a test",
  ])
    assert.ok(page.includes(part), part);
  const [trained, shipped] = [openGenerator(from), openGenerator(folder)];
  const [a, b] = [trained.drawBatch([0]), shipped.drawBatch([0])];
  const off = a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? 0))), 0);
  assert.ok(off <= 8, `${off} grey values apart`);
  trained.dispose();
  shipped.dispose();
});

/** The message of a refusal. */
function refusal(change: Partial<Parameters<typeof shipModel>[0]>): string {
  try {
    shipModel({ ...OPTIONS, zoo: temporaryFolder(), ...change });
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error("it was shipped");
}

test("refuses what is not finished, was on patients, or is not what was trained", () => {
  assert.match(refusal({ from: temporaryFolder() }), "training.json: no such file");
  assert.match(refusal({ name: "../elsewhere" }), "is not a plain name");
  const copy = (change: (record: ReturnType<typeof readTrainingRecord>) => object) => {
    const folder = temporaryFolder();
    for (const name of ["weights.safetensors", "log.jsonl"])
      writeFileSync(join(folder, name), readFileSync(join(from, name)));
    const record = readTrainingRecord(from);
    writeTrainingRecord(folder, { ...record, ...change(record) });
    return folder;
  };
  const patients = copy(({ data }) => ({ data: { ...data, simulated: false } }));
  assert.match(refusal({ from: patients }), "was trained on patients");
  assert.match(refusal({ from: copy(() => ({ weightsSha256: "00" })) }), "is not the weights file");
});

test("a card is renewed with other scores, and with one sheet where there was none", () => {
  const zoo = temporaryFolder();
  const folder = shipModel({ ...OPTIONS, zoo });
  const scores = [{ measure: "Dice", value: "0.6" }];
  renewCard({ name: OPTIONS.name, scores, zoo });
  const { card } = readShippedModel(OPTIONS.name, zoo);
  assert.equal(card.scores, scores);
  assert.ok(card.limits.includes("It is tiny.") && /No sample sheets/.test(card.limits.at(-1) ?? ""));
  const sheets = someSheets(folder);
  assert.equal(
    sheets.map(({ imagesSeen }) => imagesSeen),
    [16],
  );
  const source = openGenerator(folder);
  const seeds = Array.from({ length: SHEET_IMAGES }, (_, k) => k);
  assert.equal(readSheet(sheets[0]?.path ?? "", 8), source.drawBatch(seeds));
  source.dispose();
  const pages = [0, 1].map(() => {
    renewCard({ name: OPTIONS.name, zoo });
    return readFileSync(join(folder, "README.md"), "utf8");
  });
  assert.is(pages[0], pages[1]);
  assert.is((pages[0]?.match(/No sample sheets/g) ?? []).length, 1);
});

test("a model shipped again keeps no sheets of the one before", () => {
  const zoo = temporaryFolder();
  const folder = shipModel({ ...OPTIONS, zoo });
  renewCard({ name: OPTIONS.name, zoo });
  assert.is(someSheets(folder).length, 1);
  shipModel({ ...OPTIONS, zoo });
  assert.equal(someSheets(folder), []);
});

test("how images are drawn is changed in the file, whose weights stay", () => {
  const zoo = temporaryFolder();
  const folder = shipModel({ ...OPTIONS, zoo });
  const drawn = (): readonly [string, Uint8Array] => {
    const source = openGenerator(folder);
    const images = source.drawBatch([0, 1]);
    const { masks } = source.description.sampling;
    source.dispose();
    return [masks, images];
  };
  const [before, images] = drawn();
  const { sampling } = readGeneratorDescription(join(folder, "weights.safetensors"));
  renewCard({ name: OPTIONS.name, sampling: { ...sampling, masks: "slopes" }, zoo });
  const { card, sha256 } = readShippedModel(OPTIONS.name, zoo);
  assert.is(card.sha256, sha256);
  const [after, decoded] = drawn();
  assert.equal([before, after], ["thresholds", "slopes"]);
  decodeMasksOf(images, 8, "slopes");
  assert.equal(decoded, images);
});

test.run();
