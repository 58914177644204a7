import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { FourierFeatures } from "../../../lib/models/layers/fourier-features";
import { Params } from "../../../lib/models/params";
import { near } from "../../near";
import { checkGradients } from "./gradient-check";

const test = suite("Fourier features");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

const CONFIG = { channels: 8, styleSize: 5, size: 6, samplingRate: 4, bandwidth: 1.5 };

test("draws frequencies within the band and phases within half a turn", () => {
  const params = new Params(Rng.fromSeed(1));
  new FourierFeatures(params, { ...CONFIG, channels: 400 });
  const lengths = (params.buffers.get("frequencies") as tf.Variable).norm("euclidean", 1).dataSync();
  assert.ok(lengths.every((length) => length > 0 && length <= 1.5));
  // exp(-r^2 / 4) of normal draws in the plane is below 1/2 for a quarter of them, as on an even disc.
  const inner = lengths.filter((length) => length < 0.75).length;
  assert.ok(inner > 70 && inner < 130, `${inner} of 400`);
  const phases = params.buffers.get("phases")?.dataSync() ?? [];
  assert.ok(Array.from(phases).every((phase) => Math.abs(phase) <= 0.5));
  params.dispose();
});

/** One wave along x with a quarter of a turn, mixed into itself. */
function oneWave(): { params: Params; layer: FourierFeatures } {
  const params = new Params(Rng.fromSeed(1));
  const layer = new FourierFeatures(params, { ...CONFIG, channels: 1 });
  params.buffers.get("frequencies")?.assign(tf.tensor2d([[0.5, 0]]));
  params.buffers.get("phases")?.assign(tf.tensor1d([0.25]));
  params.variables.get("kernel")?.assign(tf.tensor2d([[1]]));
  return { params, layer };
}

test("waves along x at first, whatever the style", () => {
  const { params, layer } = oneWave();
  const y = layer.apply(Rng.fromSeed(2).normal<tf.Rank.R2>([2, 5]));
  // Pixel centres are at (i - 2.5) / 4; sin(2 pi (x / 2 + 1/4)) = cos(pi x).
  const row = Array.from({ length: 6 }, (_, i) => Math.cos((Math.PI * (i - 2.5)) / 4));
  near(y, new Array<number[]>(12).fill(row).flat(), 1e-6);
  params.dispose();
});

test("turns and shifts the plane by what the style says", () => {
  const { params, layer } = oneWave();
  // A rotation by a quarter turn (cos, sin) = (0, 2) and a shift by (0.5, 0.25), both over the length 2.
  params.variables.get("affine/bias")?.assign(tf.tensor1d([0, 2, 1, 0.5]));
  const y = layer.apply(tf.zeros([1, 5]));
  // (x, y) becomes (-(y - 0.25), x - 0.5): the wave runs along y.
  const expected = Array.from({ length: 36 }, (_, i) =>
    Math.cos(Math.PI * ((Math.floor(i / 6) - 2.5) / 4 - 0.25)),
  );
  near(y, expected, 1e-6);
  params.dispose();
});

test("agrees with finite differences in the style", () => {
  const params = new Params(Rng.fromSeed(1));
  const layer = new FourierFeatures(params, CONFIG);
  const kernel = params.variables.get("affine/kernel");
  kernel?.assign(Rng.fromSeed(3).normal(kernel.shape).mul(0.2));
  const w = Rng.fromSeed(2).normal([2, 5]);
  const before = tf.memory().numTensors;
  checkGradients((value) => layer.apply(value as tf.Tensor2D), [w], 2e-3);
  assert.is(tf.memory().numTensors, before);
  params.dispose();
});

test.run();
