import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { AttentionBlock } from "../../../lib/models/layers/attention";
import { Params } from "../../../lib/models/params";
import { near } from "../../near";
import { checkGradients } from "./gradient-check";

const test = suite("AttentionBlock");

const CHANNELS = 4;
const HEADS = 2;
const SHAPE: [number, number, number, number] = [2, 2, 3, CHANNELS];
const rng = Rng.fromSeed(5);

let params: Params;
let block: AttentionBlock;

test.before(async () => {
  await startBackend({ precision: "float32" });
  params = new Params(rng);
  block = new AttentionBlock(params, { channels: CHANNELS, heads: HEADS, groups: 2 });
});

/** Gives every variable values of its own: the projection starts at zero, which hides everything before it. */
function scramble(): void {
  for (const [path, variable] of params.variables)
    tf.tidy(() => {
      variable.assign(rng.fork("scramble", path).normal(variable.shape));
    });
}

test("passes its input on unchanged at first", () => {
  const x = rng.fork("x").normal<tf.Rank.R4>(SHAPE);
  near(block.apply(x), x, 0);
});

test("equals attention written out token by token in guided-diffusion's channel order", () => {
  scramble();
  const x = rng.fork("x").normal<tf.Rank.R4>(SHAPE);
  near(block.apply(x), written(x), 1e-5);
});

/** The definition: head by head, softmax(q k / sqrt(d)) v over all pixels, projected, added. */
function written(x: tf.Tensor4D): number[] {
  const [samples, height, width] = SHAPE;
  const [tokens, depth] = [height * width, CHANNELS / HEADS];
  const table = (path: string) => [...(params.variables.get(path)?.dataSync() ?? [])];
  const normed = groupNormed(x);
  const joint = matrix(normed, table("qkv/kernel"), table("qkv/bias"), 3 * CHANNELS);
  // Legacy order: the channels of head h are 3 d h + (0 .. d) query, then d key, then d value.
  const at = (n: number, l: number, head: number, part: number, d: number) =>
    joint[(n * tokens + l) * 3 * CHANNELS + head * 3 * depth + part * depth + d] ?? Number.NaN;
  const mixed: number[] = [];
  for (let n = 0; n < samples; n++)
    for (let l = 0; l < tokens; l++)
      for (let head = 0; head < HEADS; head++) {
        const exps = Array.from({ length: tokens }, (_, m) => {
          let product = 0;
          for (let d = 0; d < depth; d++) product += at(n, l, head, 0, d) * at(n, m, head, 1, d);
          return Math.exp(product / Math.sqrt(depth));
        });
        const total = exps.reduce((a, b) => a + b, 0);
        for (let d = 0; d < depth; d++)
          mixed.push(exps.reduce((sum, e, m) => sum + (e / total) * at(n, m, head, 2, d), 0));
      }
  const out = matrix(mixed, table("projection/kernel"), table("projection/bias"), CHANNELS);
  return [...x.dataSync()].map((value, i) => value + (out[i] ?? Number.NaN));
}

function groupNormed(x: tf.Tensor4D): number[] {
  return tf.tidy(() => {
    const grouped = x.reshape([SHAPE[0], 6, 2, CHANNELS / 2]);
    const { mean, variance } = tf.moments(grouped, [1, 3], true);
    const hat = grouped.sub(mean).div(variance.add(1e-5).sqrt()).reshape(SHAPE);
    const [gamma, beta] = ["norm/gamma", "norm/beta"].map((path) => params.variables.get(path));
    return [
      ...hat
        .mul(gamma ?? 1)
        .add(beta ?? 0)
        .dataSync(),
    ];
  });
}

/** Rows of values times a matrix [F, K] plus a bias. */
function matrix(
  rows: readonly number[],
  kernel: readonly number[],
  bias: readonly number[],
  k: number,
): number[] {
  const features = kernel.length / k;
  return Array.from({ length: (rows.length / features) * k }, (_, i) => {
    const row = Math.floor(i / k);
    let sum = bias[i % k] ?? Number.NaN;
    for (let f = 0; f < features; f++)
      sum += (rows[row * features + f] ?? 0) * (kernel[f * k + (i % k)] ?? 0);
    return sum;
  });
}

test("agrees with finite differences and frees what it made", () => {
  scramble();
  const x = rng.fork("x").normal<tf.Rank.R4>(SHAPE);
  const before = tf.memory().numTensors;
  checkGradients((value) => block.apply(value as tf.Tensor4D), [x], 1e-2);
  assert.is(tf.memory().numTensors, before);
});

test("treats the samples of a batch apart", () => {
  scramble();
  const x = rng.fork("x").normal<tf.Rank.R4>(SHAPE);
  const second = x.slice<tf.Tensor4D>([1], [1]);
  near(block.apply(x).slice([1], [1]), block.apply(second), 1e-6);
});

test.run();
