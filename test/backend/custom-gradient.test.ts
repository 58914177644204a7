import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withGradient } from "../../lib/backend/custom-gradient";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { near } from "../near";

const test = suite("withGradient");

/** x y, with a gradient that is marked by a factor of ten. */
function product(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return withGradient(
    [x, y],
    () => ({ value: x.mul(y), saved: [x, y] }),
    (dy, [a, b]) => [dy.mul(b ?? 0).mul(10), dy.mul(a ?? 0).mul(10)],
  );
}

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("gives the value of forward and the gradient that it was given", () => {
  const [x, y] = [tf.tensor1d([2, 3]), tf.tensor1d([5, 7])];
  near(product(x, y), [10, 21], 0);
  const [dx, dy] = tf.grads((a: tf.Tensor, b: tf.Tensor) => product(a, b).sum())([x, y]);
  near(dx ?? [], [50, 70], 0);
  near(dy ?? [], [20, 30], 0);
});

test("reaches variables and joins with other gradients by the chain rule", () => {
  const v = tf.variable(tf.scalar(3));
  const { grads } = tf.variableGrads(() => product(v.square(), tf.scalar(2)).asScalar(), [v]);
  // d(2 v^2)/dv = 4 v = 12, times the mark.
  near(grads[v.name] ?? [], [120], 0);
});

test("can be differentiated again where its gradient consists of operations", () => {
  const first = tf.grad((x) => product(x, tf.scalar(4)).square());
  // With the mark c = 10: f = 16 x^2, f' = 2 (4 x) 4 c = 320 x; again by x through the marked product.
  near(first(tf.scalar(2)), [640], 0);
  const second = tf.grad((x) => first(x));
  // 4 x of f' is marked once more: 2 c^2 16.
  near(second(tf.scalar(2)), [3200], 0);
});

test("works inside tidy and frees everything but the result", () => {
  const x = tf.tensor1d([1, 2]);
  const before = tf.memory().numTensors;
  const gradient = tf.tidy(() => tf.grad((a) => tf.tidy(() => product(a, a.add(1))).sum())(x));
  assert.is(tf.memory().numTensors, before + 1);
  gradient.dispose();
  x.dispose();
});

test.run();
