import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { Params } from "../../../lib/models/params";
import { Ema, emaDecay } from "../../../lib/training/optimizers/ema";
import { ParameterVector } from "../../../lib/training/optimizers/parameter-vector";
import { near } from "../../near";

const test = suite("Ema");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("halves an old weight over its half-life, whatever the batch size", () => {
  const config = { halfLifeImages: 1000, rampUp: 0 };
  for (const batch of [1, 10, 500])
    near([emaDecay(config, 0, batch) ** (1000 / batch)], [0.5], 1e-12, `batch ${batch}`);
});

test("ramps the half-life up with the images seen", () => {
  const config = { halfLifeImages: 1000, rampUp: 0.05 };
  assert.is(emaDecay(config, 0, 8), 0);
  // 0.05 * 4000 = 200 images: one batch of 200 halves.
  near([emaDecay(config, 4000, 200)], [0.5], 1e-12);
  near([emaDecay(config, 1e9, 1000)], [0.5], 1e-12);
});

test("moves towards the parameters by 1 - decay, and copies them before any image was seen", () => {
  const params = new Params(Rng.fromSeed(1));
  params.fill("a", [2], 0);
  const parameters = new ParameterVector(params);
  const ema = new Ema(parameters, { halfLifeImages: 10, rampUp: 0 });
  const before = tf.memory().numTensors;
  parameters.assign(tf.tensor1d([8, -4]));
  ema.update(parameters, 0, 10);
  near(ema.values, [4, -2], 1e-6);
  ema.update(parameters, 10, 10);
  near(ema.values, [6, -3], 1e-6);
  assert.is(tf.memory().numTensors, before);
  const ramped = new Ema(parameters, { halfLifeImages: 10, rampUp: 1 });
  parameters.assign(tf.tensor1d([1, 2]));
  ramped.update(parameters, 0, 4);
  near(ramped.values, [1, 2], 0);
  [ema, ramped, parameters, params].forEach((owner) => {
    owner.dispose();
  });
});

test.run();
