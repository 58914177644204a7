import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Params } from "../../../lib/models/params";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import { UNet } from "../../../lib/models/unet/unet";
import { networkSettings } from "../../../lib/study/audit/audit-network";
import { classDifficulty, learningSets, type DifficultyResult } from "../../../lib/study/audit/difficulty";
import { near } from "../../near";
import { toySlices } from "../../training/toy-slices";

const test = suite("difficulty");

function scored(dice: readonly (number | null)[]): DifficultyResult {
  return {
    subjects: 8,
    trainingSlices: 100,
    parameters: 1,
    imagesSeen: 16,
    imagesPerSec: 1,
    best: { imagesSeen: 16, dice: 0.5 },
    validations: [],
    test: dice.map((value, i) => ({
      subject: `S${i}`,
      dice: { necroticCore: value, edema: value, enhancingTumour: value },
    })),
  };
}

test("sums up a class over the subjects that have it", () => {
  const found = classDifficulty(scored([0.2, 0.6, 1, null]), "necroticCore");
  near([found.mean, found.median, found.failedShare], [0.6, 0.6, 1 / 3], 1e-12);
  near([found.deviation], [Math.sqrt((0.16 + 0 + 0.16) / 3)], 1e-12);
  assert.equal([found.count, found.verdict], [3, "inside"]);
});

test("the bands are those around the study's Dice on BraTS", () => {
  const inside = (mean: number): readonly string[] =>
    (["necroticCore", "edema", "enhancingTumour"] as const).map(
      (name) => classDifficulty(scored([mean]), name).verdict,
    );
  assert.equal(inside(0.68), ["inside", "outside", "outside"]);
  assert.equal(inside(0.75), ["outside", "inside", "inside"]);
  assert.equal(inside(0.86), ["outside", "outside", "outside"]);
});

test("the network keeps the study's shape at every size", async () => {
  await startBackend();
  const sizes = [32, 64, 128].map((size) => {
    const { network } = networkSettings({ size, images: 1000, seed: 1 });
    const params = new Params(Rng.fromSeed(1));
    new UNet(params, network);
    const { count } = params;
    params.dispose();
    return [size, network.depth, network.firstChannels, count];
  });
  assert.equal(sizes, [
    [32, 4, 16, SIZES[0]],
    [64, 5, 16, SIZES[1]],
    [128, 6, 16, SIZES[2]],
  ]);
});

/** Parameters at 32, 64 and 128 pixels. */
const SIZES = [451_760, 1_814_576, 7_259_952];

test("the last fifth of the subjects chooses the weights, at least one and at most 24", () => {
  const { train, validation } = learningSets(toySlices(8, 8, 1), ["toy-a", "toy-b"]);
  assert.equal([train.subjects, validation.subjects], [["toy-a"], ["toy-b"]]);
  const toy = toySlices(313, 8, 1);
  const subjects = Array.from({ length: 313 }, (_, n) => `toy-${n}`);
  const many = { ...toy, subjects, subjectOf: Int32Array.from(subjects.keys()) };
  for (const [count, choosing] of [
    [23, 5],
    [313, 24],
  ] as const) {
    const sets = learningSets(many, subjects.slice(0, count));
    assert.equal([sets.train.subjects.length, sets.validation.subjects.length], [count - choosing, choosing]);
    assert.is(sets.validation.subjects.at(-1), `toy-${count - 1}`);
  }
});

test.run();
