import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { BestWeights } from "../../../lib/training/loop/best-weights";

const test = suite("best weights");

test.before(async () => {
  await startBackend();
});

/** Shows validations in order; the weights of each are its images seen, twice. */
function considered(best: BestWeights, dices: readonly number[], first = 1): BestWeights {
  dices.forEach((dice, i) => {
    const imagesSeen = 10 * (first + i);
    const weights = tf.tensor1d([imagesSeen, imagesSeen]);
    best.consider({ imagesSeen, dice }, weights);
    weights.dispose();
  });
  return best;
}

/** Images seen at the best of some validations, by its record and by its weights. */
function bestOf(dices: readonly number[]): number {
  const best = considered(new BestWeights(), dices);
  const { validation, weights } = best.best;
  assert.equal([...weights.dataSync()], [validation.imagesSeen, validation.imagesSeen]);
  best.dispose();
  return validation.imagesSeen;
}

test("keeps the weights of the highest Dice, of equal ones the first", () => {
  assert.is(bestOf([0.2, 0.7, 0.5]), 20);
  assert.is(bestOf([0.7, 0.7, 0.7]), 10);
  assert.is(bestOf([0]), 10);
});

test("takes a Dice that is not defined for worse than any, or as any other", () => {
  assert.is(bestOf([Number.NaN, 0, Number.NaN]), 20);
  assert.is(bestOf([0.1, Number.NaN]), 10);
  // Of undefined ones the last: nothing says that the first was better.
  assert.is(bestOf([Number.NaN, Number.NaN]), 20);
});

test("has no best before the first validation", () => {
  assert.throws(() => new BestWeights().best, /no weights were validated/);
});

test("is the same after it was saved and restored, NaN included", () => {
  const dices = [Number.NaN, 0.1 + 0.2, 0.25];
  const first = considered(new BestWeights(), dices);
  const second = new BestWeights();
  second.restore(first.state());
  assert.equal(second.validations, first.validations);
  assert.equal(second.best.validation, { imagesSeen: 20, dice: 0.1 + 0.2 });
  assert.equal([...second.best.weights.dataSync()], [20, 20]);
  // A Dice that float32 would round to the kept one must still win, and lose, as in a run in one piece.
  for (const [dice, winner] of [
    [0.1 + 0.2 - 1e-12, 20],
    [0.1 + 0.2 + 1e-12, 50],
  ] as const) {
    considered(second, [dice], winner === 20 ? 4 : 5);
    assert.is(second.best.validation.imagesSeen, winner);
  }
  first.dispose();
  second.dispose();
});

test("restores a state from before the first validation", () => {
  const second = new BestWeights();
  second.restore(new BestWeights().state());
  assert.is(second.validations.length, 0);
  assert.throws(() => second.best);
});

test("holds one copy of the weights and frees it", () => {
  const before = tf.memory().numTensors;
  const best = considered(new BestWeights(), [0.1, 0.2, 0.3, 0.1]);
  assert.is(tf.memory().numTensors, before + 1);
  best.restore(best.state());
  assert.is(tf.memory().numTensors, before + 1);
  best.dispose();
  assert.is(tf.memory().numTensors, before);
});

test.run();
