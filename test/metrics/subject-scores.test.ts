import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { meanDice, meanOfNumbers, scoreSubjects } from "../../lib/metrics/subject-scores";
import { TUMOUR_CLASSES } from "../../lib/shape";
import { near } from "../near";

const test = suite("scoreSubjects");

// Slices of two pixels; subject b has the first and the third, subject a the second.
const slices = {
  annotation: Uint8Array.of(1, 2, 0, 3, 1, 1),
  prediction: Uint8Array.of(1, 0, 1, 3, 0, 1),
  subjectOf: Int32Array.of(1, 0, 1),
  subjects: ["a", "b", "c"],
};

test("takes a subject's slices together as one volume", () => {
  const [a, b, ...others] = scoreSubjects(slices);
  assert.is(others.length, 0); // c has no slice
  assert.is(a?.subject, "a");
  assert.is(b?.subject, "b");
  // b: annotated 1 2 1 1, predicted 1 0 0 1: necrotic core 2 of 3 found, nothing wrong: 4 / 5.
  const { necroticCore, edema, enhancingTumour } = b?.classes ?? {};
  assert.equal(necroticCore, { truePositives: 2, falsePositives: 0, falseNegatives: 1, dice: 0.8 });
  assert.is(edema?.dice, 0);
  assert.ok(Number.isNaN(enhancingTumour?.dice)); // in neither
  assert.is(a?.classes.necroticCore.dice, 0); // predicted, not annotated
  assert.is(a?.classes.enhancingTumour.dice, 1);
});

test("averages each class over the subjects that have it, then the classes", () => {
  const { classes, mean } = meanDice(scoreSubjects(slices));
  near([classes.necroticCore, classes.edema, classes.enhancingTumour], [0.4, 0, 1], 1e-12);
  near([mean], [1.4 / 3], 1e-12);
  assert.ok(Number.isNaN(meanDice([]).mean));
  assert.is(meanOfNumbers([Number.NaN, 2, 4]), 3);
});

test("agrees with Dice of the subjects' voxels as sets", () => {
  const stream = Rng.fromSeed(11).stream();
  const draw = () => Uint8Array.from({ length: 60 * 25 }, () => stream.integer(4));
  const [annotation, prediction] = [draw(), draw()];
  const subjectOf = Int32Array.from({ length: 60 }, () => stream.integer(4));
  const scores = scoreSubjects({ annotation, prediction, subjectOf, subjects: ["a", "b", "c", "d"] });
  scores.forEach(({ classes }, subject) => {
    TUMOUR_CLASSES.forEach((name, index) => {
      const voxels = (mask: Uint8Array) =>
        new Set(
          [...mask.keys()].filter((v) => mask[v] === index + 1 && subjectOf[Math.floor(v / 25)] === subject),
        );
      const [truth, found] = [voxels(annotation), voxels(prediction)];
      const both = [...truth].filter((voxel) => found.has(voxel)).length;
      near([classes[name].dice], [(2 * both) / (truth.size + found.size)], 1e-12);
    });
  });
});

test("refuses pixels that do not make whole slices", () => {
  assert.throws(() => scoreSubjects({ ...slices, annotation: new Uint8Array(7) }), /7 pixels/);
  assert.throws(
    () => scoreSubjects({ ...slices, prediction: new Uint8Array(8) }),
    /6 annotated pixels, but 8/,
  );
  assert.throws(() => scoreSubjects({ ...slices, subjectOf: Int32Array.of(0, 5, 0) }), /slice 1 belongs/);
});

test.run();
