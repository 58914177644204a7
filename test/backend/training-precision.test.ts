import { suite } from "uvu";
import * as assert from "uvu/assert";
import { enabledProducts, supportsBfloat16 } from "../../lib/backend/mixed-precision";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { inTrainingPrecision, setTrainingFormat } from "../../lib/backend/training-precision";

const test = suite("training precision");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test.after.each(() => {
  setTrainingFormat(undefined);
});

test("changes products within a training step alone", () => {
  if (!supportsBfloat16()) {
    console.log("skipped: bfloat16 is not available here");
    return;
  }
  const a = Rng.fromSeed(1).normal<tf.Rank.R2>([512, 512]);
  const product = () => tf.tidy(() => tf.matMul(a, a).dataSync());
  const exact = product();
  assert.equal(inTrainingPrecision(product), exact, "no format was set");
  setTrainingFormat("bfloat16");
  assert.equal(product(), exact);
  assert.not.equal(inTrainingPrecision(product), exact);
  assert.throws(() => inTrainingPrecision(() => fail("inside")), /inside/);
  assert.is(enabledProducts(), undefined);
  assert.equal(product(), exact);
});

function fail(message: string): never {
  throw new Error(message);
}

test.run();
