import { suite } from "uvu";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { Blur } from "../../../lib/models/layers/blur";
import { Params } from "../../../lib/models/params";
import { near } from "../../near";
import { checkGradients } from "./gradient-check";

const test = suite("blur");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

const draw = <R extends tf.Rank>(seed: number, shape: tf.ShapeMap[R]) => Rng.fromSeed(seed).normal<R>(shape);

test("the blur spreads a pixel by 1 2 1 along both axes, and keeps the sum away from borders", () => {
  const params = new Params(Rng.fromSeed(1));
  const blur = new Blur(params, 2);
  const x = tf.buffer([1, 4, 4, 2], "float32");
  x.set(16, 0, 1, 1, 0);
  const y = blur.apply(x.toTensor() as tf.Tensor4D);
  const [first, second] = tf.unstack(y.squeeze([0]), 2);
  near(first ?? [], [1, 2, 1, 0, 2, 4, 2, 0, 1, 2, 1, 0, 0, 0, 0, 0], 1e-6);
  near(second ?? [], new Float32Array(16), 0);
  checkGradients((image) => blur.apply(image as tf.Tensor4D), [draw(1, [2, 4, 6, 2])], 1e-4);
  // |B x|^2 has the curvature 2 |B v|^2 along v, wherever x is.
  const energy = (image: tf.Tensor) =>
    blur
      .apply(image as tf.Tensor4D)
      .square()
      .sum();
  const v = draw(2, [2, 4, 6, 2]);
  const curvature = tf
    .grad((at) => tf.grad(energy)(at).mul(v).sum())(draw(1, v.shape))
    .mul(v)
    .sum();
  near(curvature, energy(v).mul(2), 1e-5);
  params.dispose();
});

test.run();
