import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { Params } from "../../../lib/models/params";
import { ParameterVector } from "../../../lib/training/optimizers/parameter-vector";

const test = suite("ParameterVector");

let params: Params;
let vector: ParameterVector;
const inVariables = () => [...params.variables.values()].map((variable) => [...variable.dataSync()]);

test.before.each(async () => {
  await startBackend({ precision: "float32" });
  params = new Params(Rng.fromSeed(1));
  params.fill("a", [2, 1], 1);
  params.fill("b", [1], 2);
  vector = new ParameterVector(params);
});

test.after.each(() => {
  vector.dispose();
  params.dispose();
});

test("joins the variables in the order of their making", () => {
  assert.equal([...vector.values.dataSync()], [1, 1, 2]);
  assert.is(vector.size, 3);
});

test("takes over values and writes them into the variables, in their shapes, when asked", () => {
  vector.assign(tf.tensor1d([5, 6, 7]));
  assert.equal(inVariables(), [[1, 1], [2]]);
  vector.writeTo();
  assert.equal(inVariables(), [[5, 6], [7]]);
  assert.equal(params.variables.get("a")?.shape, [2, 1]);
});

test("lends the variables to other values and leaves its own as they are", () => {
  const other = tf.tensor1d([9, 9, 9]);
  const before = tf.memory().numTensors;
  vector.writeTo(other);
  assert.equal(inVariables(), [[9, 9], [9]]);
  vector.writeTo();
  assert.equal(inVariables(), [[1, 1], [2]]);
  assert.is(tf.memory().numTensors, before);
  other.dispose();
});

test("names a variable that has no tensor", () => {
  assert.throws(() => vector.gather(new Map([["a", tf.ones([2, 1])]])), /no tensor for the variable b/);
});

test.run();
