import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { gelu } from "../../../lib/models/layers/gelu";
import { LayerNorm } from "../../../lib/models/layers/layer-norm";
import { reorder, reorderBack, tokenOrder, ZERO_TOKEN } from "../../../lib/models/layers/token-order";
import { WindowAttention } from "../../../lib/models/layers/window-attention";
import { Params } from "../../../lib/models/params";
import { near } from "../../near";
import { checkGradients } from "./gradient-check";

const test = suite("layers of transformers");
const rng = Rng.fromSeed(5);
const draw = (name: string, shape: [number, number, number]) => rng.fork(name).normal<tf.Rank.R3>(shape);

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("layer norm gives each token mean 0 and variance 1, then scale and shift", () => {
  const params = new Params(rng);
  const norm = new LayerNorm(params, 4);
  params.variables.get("gamma")?.assign(tf.tensor1d([1, 2, 3, 4]));
  params.variables.get("beta")?.assign(tf.tensor1d([0, 0, 0, 1]));
  // Mean 2.5, variance 1.25.
  const [a, b] = [1.5 / Math.sqrt(1.25 + 1e-5), 0.5 / Math.sqrt(1.25 + 1e-5)];
  near(norm.apply(tf.tensor2d([[1, 2, 3, 4]])), [-a, -2 * b, 3 * b, 4 * a + 1], 1e-6);
  params.dispose();
});

test("layer norm has the right gradients", () => {
  const params = new Params(rng);
  const norm = new LayerNorm(params, 6);
  checkGradients((x) => norm.apply(x), [draw("norm", [2, 3, 6])], 2e-3);
  params.dispose();
});

test("GELU is x times the normal distribution function", () => {
  near(gelu(tf.tensor1d([-2, -1, 0, 1, 3])), [-0.0455003, -0.1586553, 0, 0.8413447, 2.9959503], 1e-6);
  checkGradients(gelu, [draw("gelu", [2, 3, 4])], 2e-3);
});

test("an order of tokens and its way back are each other's gradients", () => {
  const order = tokenOrder(Int32Array.of(2, ZERO_TOKEN, 0, 1), 3);
  const x = tf.tensor3d([[[1], [2], [3]]]);
  assert.equal([...reorder(x, order).dataSync()], [3, 0, 1, 2]);
  assert.equal([...reorderBack(reorder(x, order), order).dataSync()], [1, 2, 3]);
  checkGradients((t) => reorder(t as tf.Tensor3D, order), [draw("forth", [2, 3, 2])], 1e-3);
  checkGradients((t) => reorderBack(t as tf.Tensor3D, order), [draw("back", [2, 4, 2])], 1e-3);
});

/** One window and one head of attention, number by number. */
function attentionByHand(
  query: number[][],
  key: number[][],
  value: number[][],
  bias: number[][],
): number[][] {
  return query.map((q, a) => {
    const scores = key.map((k, b) => {
      const product = q.reduce((sum, x, i) => sum + x * (k[i] ?? 0), 0);
      return Math.exp(product / Math.sqrt(q.length) + (bias[a]?.[b] ?? 0));
    });
    const total = scores.reduce((sum, score) => sum + score, 0);
    return q.map((_, i) => scores.reduce((sum, score, b) => sum + (score / total) * (value[b]?.[i] ?? 0), 0));
  });
}

test("window attention is softmax attention of each window by itself", () => {
  const params = new Params(rng.fork("attention"));
  const attention = new WindowAttention(params, { features: 4, heads: 2, windowSize: 2 });
  const set = (path: string, value: tf.Tensor) => params.variables.get(path)?.assign(value);
  // Query, key and value are the token itself times 1, 2 and 3; the projection does nothing.
  const eye = tf.eye(4);
  set("qkv/kernel", tf.concat([eye, eye.mul(2), eye.mul(3)], 1));
  set("projection/kernel", eye);
  set("biasTable", rng.fork("bias").normal([9, 2]));
  const table = params.variables.get("biasTable")?.arraySync() as number[][];
  const x = draw("windows", [1, 8, 4]); // two windows of four tokens
  const mask = tf.tensor3d(
    Float32Array.from({ length: 32 }, (_, i) => (i === 17 ? -100 : 0)),
    [2, 1, 16],
  );
  const found = attention.apply(x, mask).arraySync()[0] ?? [];
  const tokens = x.arraySync()[0] ?? [];
  const offsets = [4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4];
  for (const window of [0, 1])
    for (const head of [0, 1]) {
      const part = tokens.slice(4 * window, 4 * window + 4).map((t) => t.slice(2 * head, 2 * head + 2));
      const bias = [0, 1, 2, 3].map((a) =>
        [0, 1, 2, 3].map((b) => {
          const pair = 4 * a + b;
          const apart = window === 1 && pair === 1 ? -100 : 0;
          return (table[offsets[pair] ?? 0]?.[head] ?? 0) + apart;
        }),
      );
      const times = (factor: number) => part.map((t) => t.map((value) => factor * value));
      const expected = attentionByHand(part, times(2), times(3), bias);
      const actual = found.slice(4 * window, 4 * window + 4).map((t) => t.slice(2 * head, 2 * head + 2));
      near(actual.flat(), expected.flat(), 1e-5, `window ${window}, head ${head}`);
    }
  params.dispose();
});

test("window attention has the right gradients", () => {
  const params = new Params(rng.fork("gradients"));
  const attention = new WindowAttention(params, { features: 4, heads: 2, windowSize: 2 });
  checkGradients((x) => attention.apply(x as tf.Tensor3D, undefined).mul(30), [draw("x", [2, 8, 4])], 5e-3);
  params.dispose();
});

test.run();
