import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { Params } from "../../../lib/models/params";
import { AdamW, SWIN_ADAMW, type AdamWConfig } from "../../../lib/training/optimizers/adamw";
import { Adam } from "../../../lib/training/optimizers/optimizers";
import { ParameterVector } from "../../../lib/training/optimizers/parameter-vector";
import { near } from "../../near";

const test = suite("AdamW");

const CONFIG: AdamWConfig = { ...SWIN_ADAMW, weightDecay: 0.1 };

function bench(): { params: Params; parameters: ParameterVector } {
  const params = new Params(Rng.fromSeed(1));
  params.fill("backbone/block/kernel", [2], 2);
  params.fill("backbone/block/norm0/gamma", [1], 2);
  return { params, parameters: new ParameterVector(params) };
}

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("takes a share off every value that decays, before Adam's step", () => {
  const { params, parameters } = bench();
  const optimizer = new AdamW(parameters, CONFIG);
  const gradient = tf.tensor1d([1, -3, 5]);
  optimizer.step(gradient, 0.5);
  // Adam's first step is the rate along the sign; the kernel first loses 0.5 * 0.1 of itself.
  near(parameters.values, [1.9 - 0.5, 1.9 + 0.5, 2 - 0.5], 1e-6);
  [optimizer, parameters, params, gradient].forEach((owner) => {
    owner.dispose();
  });
});

test("is Adam where nothing decays", () => {
  const found = [0, 1].map((which) => {
    const { params, parameters } = bench();
    const never = { ...CONFIG, decays: () => false };
    const optimizer = which === 0 ? new Adam(parameters) : new AdamW(parameters, never);
    for (let step = 1; step <= 3; step++) {
      const gradient = tf.tensor1d([step, -1, 0.5]);
      optimizer.step(gradient, 0.1);
      gradient.dispose();
    }
    const values = [...parameters.values.dataSync()];
    [optimizer, parameters, params].forEach((owner) => {
      owner.dispose();
    });
    return values;
  });
  assert.equal(found[0], found[1]);
});

test("goes on from its saved state as if it had not stopped", () => {
  const { params, parameters } = bench();
  const gradient = tf.tensor1d([1, 2, 3]);
  const first = new AdamW(parameters, CONFIG);
  first.step(gradient, 0.1);
  const state = first.state();
  const middle = parameters.values.clone();
  first.step(gradient, 0.1);
  const expected = [...parameters.values.dataSync()];
  parameters.assign(middle);
  const second = new AdamW(parameters, CONFIG);
  second.restore(state);
  second.step(gradient, 0.1);
  assert.equal([...parameters.values.dataSync()], expected);
  [first, second, parameters, params, gradient].forEach((owner) => {
    owner.dispose();
  });
});

test("keeps no tensor of a step", () => {
  const { params, parameters } = bench();
  const optimizer = new AdamW(parameters, CONFIG);
  const gradient = tf.tensor1d([1, 2, 3]);
  const before = tf.memory().numTensors;
  for (let step = 0; step < 3; step++) optimizer.step(gradient, 0.1);
  assert.is(tf.memory().numTensors, before);
  [optimizer, parameters, params, gradient].forEach((owner) => {
    owner.dispose();
  });
});

test("spares the transformer's norms and biases of relative positions, not the heads' batch norms", () => {
  const { decays } = SWIN_ADAMW;
  for (const path of [
    "backbone/stage0/block1/norm0/gamma",
    "backbone/stage0/block1/attention/biasTable",
    "backbone/patches/norm/beta",
  ])
    assert.not.ok(decays(path), path);
  for (const path of [
    "backbone/stage0/block1/mlp0/kernel",
    "backbone/stage0/block1/attention/qkv/bias",
    "decoder/fusion/conv/kernel",
    "decoder/fusion/norm/beta",
  ])
    assert.ok(decays(path), path);
});

test.run();
