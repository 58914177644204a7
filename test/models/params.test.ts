import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { Params } from "../../lib/models/params";

const test = suite("Params");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("names variables by path in the order of their making", () => {
  const params = new Params(Rng.fromSeed(1));
  const inner = params.scope("down0").scope("conv");
  inner.fill("kernel", [2, 3], 0.5);
  params.fill("gamma", [4], 1);
  assert.equal([...params.variables.keys()], ["down0/conv/kernel", "gamma"]);
  assert.is(params.count, 2 * 3 + 4);
  assert.equal(
    [...(params.variables.get("down0/conv/kernel")?.dataSync() ?? [])],
    Array<number>(6).fill(0.5),
  );
  params.dispose();
});

test("draws initial values from the seed and the path alone", () => {
  const values = (seed: number, before: boolean) => {
    const params = new Params(Rng.fromSeed(seed));
    if (before) params.normal("another", [7]);
    const drawn = [...params.scope("a").normal("kernel", [5]).dataSync()];
    params.dispose();
    return drawn;
  };
  assert.equal(values(1, false), values(1, true));
  assert.not.equal(values(1, false), values(2, false));
});

test("draws different values for different paths", () => {
  const params = new Params(Rng.fromSeed(1));
  const [a, b] = ["a", "b"].map((name) => [...params.scope(name).normal("kernel", [5]).dataSync()]);
  assert.not.equal(a, b);
  params.dispose();
});

test("keeps uniform values within the limit and normal ones at the deviation asked for", () => {
  const params = new Params(Rng.fromSeed(1));
  const uniform = params.uniform("u", [10000], 0.25).dataSync();
  assert.ok(uniform.every((value) => value >= -0.25 && value < 0.25));
  const rms = (values: Float32Array) =>
    Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
  // Uniform on +-0.25: 0.25 / sqrt(3) = 0.1443, standard error of its square 0.6 %.
  assert.ok(Math.abs(rms(uniform as Float32Array) - 0.1443) < 0.004);
  assert.ok(Math.abs(rms(params.normal("n", [10000], 3).dataSync() as Float32Array) - 3) < 0.1);
  params.dispose();
});

test("refuses a second variable of the same path", () => {
  const params = new Params(Rng.fromSeed(1));
  params.fill("gamma", [1], 1);
  assert.throws(() => params.fill("gamma", [1], 1), /two variables are named gamma/);
  params.dispose();
});

test("lets two networks of one kind live side by side", () => {
  const [one, two] = [new Params(Rng.fromSeed(1)), new Params(Rng.fromSeed(1))];
  const [a, b] = [one.fill("gamma", [1], 1), two.fill("gamma", [1], 2)];
  assert.equal([a.dataSync()[0], b.dataSync()[0]], [1, 2]);
  one.dispose();
  assert.is(b.dataSync()[0], 2);
  two.dispose();
});

test("neither counts nor lists constants, and frees them with the variables", () => {
  const before = tf.memory().numTensors;
  const params = new Params(Rng.fromSeed(1));
  const constant = params.scope("a").constant(() => tf.ones([3]).mul(2));
  params.scope("a").normal("kernel", [2]);
  assert.equal([...constant.dataSync()], [2, 2, 2]);
  assert.is(params.count, 2);
  assert.is(tf.memory().numTensors, before + 2);
  params.dispose();
  assert.is(tf.memory().numTensors, before);
});

test.run();
