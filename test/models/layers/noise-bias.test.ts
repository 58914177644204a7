import { suite } from "uvu";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { NoiseBias } from "../../../lib/models/layers/noise-bias";
import { Params } from "../../../lib/models/params";
import { near } from "../../near";

const test = suite("noise and bias");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

const draw = <R extends tf.Rank>(seed: number, shape: tf.ShapeMap[R]) => Rng.fromSeed(seed).normal<R>(shape);

test("noise and bias: noise times a strength for each channel, plus a bias", () => {
  const params = new Params(Rng.fromSeed(1));
  const layer = new NoiseBias(params, 3, 4);
  const x = draw<tf.Rank.R4>(1, [2, 4, 4, 3]);
  // Strengths and biases start at zero.
  near(layer.apply(x, "constant", undefined), x, 0);
  const [strength, bias] = [draw<tf.Rank.R1>(2, [3]), draw<tf.Rank.R1>(3, [3])];
  params.variables.get("noiseStrength")?.assign(strength);
  params.variables.get("bias")?.assign(bias);
  const fixed = params.buffers.get("noise") ?? tf.scalar(Number.NaN);
  near(layer.apply(x, "constant", undefined), x.add(fixed.mul(strength)).add(bias), 1e-5);
  near(layer.apply(x, "none", undefined), x.add(bias), 1e-6);
  const drawn = draw<tf.Rank.R4>(9, [2, 4, 4, 1]);
  near(layer.apply(x, "random", Rng.fromSeed(9)), x.add(drawn.mul(strength)).add(bias), 1e-5);
  params.dispose();
});

test.run();
