import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CompiledFunction } from "../../../lib/backend/graph/compiled-function";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { near } from "../../near";

const test = suite("compiled function");

const rng = Rng.fromSeed(5);

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** A small network with convolution, reshaping, reductions, integers, booleans and a gradient. */
function layers([x, kernel]: readonly tf.Tensor[]): readonly tf.Tensor[] {
  const loss = (k: tf.Tensor): tf.Scalar => {
    const y = tf.conv2d(x as tf.Tensor4D, k as tf.Tensor4D, [1, 1], "same");
    const gate = tf.sigmoid(y.sum([1, 2], true).expandDims(0).squeeze([0]));
    const kept = tf.where(tf.tensor1d([1, 0, 1, 0], "bool"), y, y.mul(0.2));
    return tf
      .concat([kept.mul(gate).flatten(), y.transpose([0, 3, 1, 2]).flatten()])
      .square()
      .mean();
  };
  const { value, grad } = tf.valueAndGrad(loss)(kernel as tf.Tensor);
  return [value, grad];
}

const image = (n: number) => rng.fork("image", n).normal<tf.Rank.R4>([2, 8, 8, 3]);
const kernel = (n: number) => rng.fork("kernel", n).normal<tf.Rank.R4>([3, 3, 3, 4]);

test("gives what the function gives, for other inputs than those it was recorded with", () => {
  const compiled = new CompiledFunction(layers);
  for (const n of [0, 1, 2]) {
    const inputs = [image(n), kernel(n)];
    const graph = compiled.run(inputs, rng);
    const plain = tf.tidy(() => [...layers(inputs)]);
    graph.forEach((tensor, i) => {
      assert.equal(tensor.shape, plain[i]?.shape);
      near(tensor, plain[i]?.dataSync() ?? [], 1e-6);
    });
    tf.dispose([...inputs, ...graph, ...plain]);
  }
  compiled.dispose();
});

test("gives the same bits at the first call as at later ones", () => {
  const inputs = [image(0), kernel(0)];
  const compiled = new CompiledFunction(layers);
  const [first, second] = [0, 1].map(() => compiled.run(inputs, rng).map((tensor) => tensor.dataSync()));
  assert.equal(first, second);
  compiled.dispose();
});

test("records anew for other shapes, and leaves no tensor behind", () => {
  const compiled = new CompiledFunction(([x]) => [tf.sum(x as tf.Tensor, 0)]);
  const call = (length: number) => {
    const x = tf.ones([length, 2]);
    const [sum] = compiled.run([x], rng);
    assert.equal([...(sum?.dataSync() ?? [])], [length, length]);
    tf.dispose([x, ...(sum ? [sum] : [])]);
  };
  call(3);
  const before = tf.memory().numTensors;
  [5, 3, 5, 4].forEach(call);
  assert.is(tf.memory().numTensors, before);
  compiled.dispose();
});

test("draws anew for each Rng, as the function itself does", () => {
  const body = (_: readonly tf.Tensor[], from: Rng) => [
    from.fork("a", 1).normal([4]),
    from.uniform([2, 2]),
    from.fork("a").fork(2).normal([3]),
  ];
  const compiled = new CompiledFunction(body);
  for (const n of [0, 1]) {
    const graph = compiled.run([], rng.fork(n));
    const plain = body([], rng.fork(n));
    graph.forEach((tensor, i) => {
      assert.equal(tensor.dataSync(), plain[i]?.dataSync());
    });
  }
  compiled.dispose();
});

test("hands through inputs and constants", () => {
  const compiled = new CompiledFunction(([x]) => [x as tf.Tensor, tf.tensor1d([1, 2]), tf.scalar(3)]);
  const outputs = compiled.run([tf.tensor1d([7, 8, 9])], rng).map((tensor) => [...tensor.dataSync()]);
  assert.equal(outputs, [[7, 8, 9], [1, 2], [3]]);
  compiled.dispose();
});

if (process.env["SYNTHMR_BACKEND"] !== "wasm" && process.env["SYNTHMR_EAGER"] !== "1") {
  test("refuses what cannot vary in a graph: reading values, and numbers drawn in JavaScript", () => {
    const reading = new CompiledFunction(([x]) => [tf.scalar((x as tf.Tensor).mul(2).dataSync()[0] ?? 0)]);
    assert.throws(() => reading.run([tf.scalar(1)], rng), /cannot read the values/);
    const drawing = new CompiledFunction((_, from) => [tf.scalar(from.stream().uniform())]);
    assert.throws(() => drawing.run([], rng), /drawn in JavaScript/);
    // The backend works on.
    assert.is(tf.scalar(2).mul(3).dataSync()[0], 6);
  });
}

test.run();
