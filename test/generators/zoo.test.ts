import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputError } from "../../lib/errors";
import { readGeneratorDescription } from "../../lib/generators/generator-file";
import { formatModelCard } from "../../lib/generators/model-card";
import { readShippedModel, shippedWeights, ZOO, zooNames } from "../../lib/generators/zoo";
import { sha256 } from "../../lib/storage/content-hash";
import { temporaryFolder } from "../temporary-folder";

const test = suite("zoo");

const WEIGHTS = Buffer.from("the weights");
const CARD = {
  sha256: sha256(WEIGHTS),
  generator: "stylegan2",
  size: 8,
  parameters: 100,
  data: { source: "made for a test", simulated: true, slices: 10, subjects: 1, sha256: "ab".repeat(32) },
  imagesSeen: 3200,
  trainingSec: 12.5,
  seed: 1,
  command: "npm run reproduce",
  commit: "0123456789ab",
  scores: [{ measure: "Dice", value: "0.5" }],
  limits: [],
};
const LINE = {
  step: 20,
  imagesSeen: 320,
  loss: 0.25,
  learningRate: 1e-3,
  imagesPerSec: 30,
  durationSec: 10.7,
  residentMb: 400,
};

/** A zoo with one model, "tiny". */
function zoo(): { readonly folder: string; readonly model: string } {
  const folder = temporaryFolder();
  const model = join(folder, "tiny");
  mkdirSync(model);
  writeFileSync(join(model, "card.json"), JSON.stringify(CARD));
  writeFileSync(
    join(model, "log.jsonl"),
    `${JSON.stringify(LINE)}\n${JSON.stringify({ ...LINE, step: 40, details: { r1: 0.5, pathLength: null } })}\n`,
  );
  writeFileSync(join(model, "weights.safetensors"), WEIGHTS);
  return { folder, model };
}

/** The fault of reading a model; its message is one line. */
function faultOf(folder: string, name = "tiny"): InputError {
  try {
    readShippedModel(name, folder);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    assert.not.match(error.message, /\n/);
    return error;
  }
  throw new Error("the model was taken");
}

test("gives the card, the log in order and the hash of the weights", () => {
  const { folder, model } = zoo();
  const shipped = readShippedModel("tiny", folder);
  assert.equal(shipped.card, CARD);
  assert.equal(
    shipped.log.map(({ step }) => step),
    [20, 40],
  );
  assert.equal([shipped.sha256, shipped.folder], [CARD.sha256, model]);
});

test("refuses weights that are not those of the card", () => {
  const { folder, model } = zoo();
  for (const content of ["the weighty", "the weight", "the weights!"]) {
    writeFileSync(join(model, "weights.safetensors"), content);
    assert.is(
      faultOf(folder).message,
      `${join(model, "weights.safetensors")}: is damaged: its checksum is wrong. Check the file out again`,
    );
  }
});

test("names the file that is missing, or the model", () => {
  for (const name of ["card.json", "log.jsonl", "weights.safetensors"]) {
    const { folder, model } = zoo();
    rmSync(join(model, name));
    assert.is(faultOf(folder).message, `${join(model, name)}: no such file or folder`);
  }
  const { folder } = zoo();
  assert.match(faultOf(folder, "large").message, "no such file or folder");
});

test("names a card or log that cannot be understood", () => {
  for (const name of ["card.json", "log.jsonl"])
    for (const content of ["{", "[]", JSON.stringify({ ...CARD, sha256: 3 }), "null"]) {
      const { folder, model } = zoo();
      writeFileSync(join(model, name), content);
      assert.match(faultOf(folder).message, `${join(model, name)}: is damaged: it cannot be understood`);
    }
});

test("lists the models, and every one that comes with the project is whole", () => {
  assert.equal(zooNames(zoo().folder), ["tiny"]);
  for (const name of zooNames()) {
    const { card } = readShippedModel(name);
    const { generator, size, data } = readGeneratorDescription(shippedWeights(name));
    assert.equal([generator, size, data.source], [card.generator, card.size, card.data.source]);
    assert.ok(name.startsWith(`${generator}-${size}`), name);
    assert.ok(card.data.simulated && card.limits.length > 0);
    const page = readFileSync(join(ZOO, name, "README.md"), "utf8");
    assert.is(page, formatModelCard(name, card));
  }
});

test.run();
