import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { confusionMatrix, countClasses, dice, precision, sensitivity } from "../../lib/metrics/dice";
import { near } from "../near";

const test = suite("dice");

//                              v: 0  1  2  3  4  5  6  7
const annotation = Uint8Array.of(0, 0, 1, 1, 1, 2, 2, 0);
const prediction = Uint8Array.of(0, 1, 1, 1, 2, 2, 0, 0);

test("counts hits, false alarms and misses of every class", () => {
  const counts = countClasses(annotation, prediction, 4);
  assert.equal(counts[1], { truePositives: 2, falsePositives: 1, falseNegatives: 1 }); // voxels 2 3; 1; 4
  assert.equal(counts[2], { truePositives: 1, falsePositives: 1, falseNegatives: 1 }); // voxel 5; 4; 6
  assert.equal(counts[3], { truePositives: 0, falsePositives: 0, falseNegatives: 0 });
  assert.equal([...confusionMatrix(annotation, prediction, 3)], [2, 1, 0, 0, 2, 1, 1, 0, 1]);
});

test("is twice the overlap over the sum of both sizes", () => {
  const [, necrotic, edema] = countClasses(annotation, prediction, 4).map(dice);
  near([necrotic ?? 0, edema ?? 0], [4 / 6, 2 / 4], 1e-12);
});

test("is NaN for a class that neither has, and 0 where one alone has it", () => {
  assert.ok(Number.isNaN(dice({ truePositives: 0, falsePositives: 0, falseNegatives: 0 })));
  assert.is(dice({ truePositives: 0, falsePositives: 3, falseNegatives: 0 }), 0);
  assert.is(dice({ truePositives: 0, falsePositives: 0, falseNegatives: 3 }), 0);
});

test("names sensitivity what is found of the annotated, precision what is right of the predicted", () => {
  const counts = { truePositives: 6, falsePositives: 2, falseNegatives: 4 };
  assert.is(sensitivity(counts), 0.6);
  assert.is(precision(counts), 0.75);
  assert.ok(Number.isNaN(sensitivity({ ...counts, truePositives: 0, falseNegatives: 0 })));
});

test("is the harmonic mean of sensitivity and precision, for random masks", () => {
  for (let seed = 0; seed < 20; seed++) {
    const stream = Rng.fromSeed(seed).stream();
    const draw = () => Uint8Array.from({ length: 200 }, () => stream.integer(4));
    for (const counts of countClasses(draw(), draw(), 4)) {
      const [s, p] = [sensitivity(counts), precision(counts)];
      near([dice(counts)], [(2 * s * p) / (s + p)], 1e-12);
    }
  }
});

test("refuses masks of different lengths and unknown classes", () => {
  assert.throws(() => countClasses(annotation, prediction.subarray(1), 4), /8 annotated voxels, but 7/);
  assert.throws(() => countClasses(annotation, prediction, 2), /class 2 of 2/);
});

test.run();
