import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CompiledFunction } from "../../lib/backend/graph/compiled-function";
import { nativeBackend } from "../../lib/backend/native-ops";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { countOperations } from "../../lib/bench/count-operations";

const test = suite("countOperations");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** [3, 5] x [5, 4]: 2 * 3 * 4 * 5. */
const PRODUCT = 120;

const kind = (run: () => void, share = 1) => ({ name: "step", share, run });

test("counts operations that run by themselves", () => {
  if (nativeBackend() === undefined) return;
  const [a, b] = [tf.ones([3, 5]), tf.ones([5, 4])];
  assert.is(countOperations([kind(() => tf.tidy(() => void tf.matMul(a, b)))]), PRODUCT);
});

test("counts a recorded graph as often as it runs, without what nothing reads", () => {
  if (nativeBackend() === undefined) return;
  const [a, b] = [tf.ones([3, 5]), tf.ones([5, 4])];
  const product = new CompiledFunction((inputs) => {
    const [x, y] = inputs as [tf.Tensor2D, tf.Tensor2D];
    tf.matMul(x, y); // left out of the graph
    return [tf.matMul(x, y).add(1)];
  });
  const run = (): void => {
    for (let i = 0; i < 3; i++) tf.dispose(product.run([a, b], Rng.fromSeed(1)));
  };
  assert.is(countOperations([kind(run)]), 3 * PRODUCT);
  product.dispose();
});

test("weighs kinds of steps by their share, also where they share a graph", () => {
  if (nativeBackend() === undefined) return;
  const [a, b] = [tf.ones([3, 5]), tf.ones([5, 4])];
  const product = new CompiledFunction(([x, y]) => [tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D)]);
  const times = (count: number) => () => {
    for (let i = 0; i < count; i++) tf.dispose(product.run([a, b], Rng.fromSeed(1)));
  };
  assert.is(countOperations([kind(times(2), 0.25), kind(times(1), 0.75)]), 1.25 * PRODUCT);
  product.dispose();
});

test.run();
