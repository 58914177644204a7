import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { minibatchStddev } from "../../../lib/models/layers/minibatch-stddev";
import { near } from "../../near";
import { checkGradients } from "./gradient-check";

const test = suite("minibatch standard deviation");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

const draw = <R extends tf.Rank>(seed: number, shape: tf.ShapeMap[R]) => Rng.fromSeed(seed).normal<R>(shape);

test("minibatch deviation: the mean over pixels and channels of the deviation within a group", () => {
  // Groups of two, as the references number them: samples 0 and 2, samples 1 and 3. One pixel, two channels.
  const x = tf.tensor4d([0, 0, 1, 1, 2, 6, 1, 3], [4, 1, 1, 2]);
  // Deviations (population) of group 0: 1 and 3, mean 2; of group 1: 0 and 1, mean 0.5.
  const y = minibatchStddev(x, { groupSize: 2, channels: 1 });
  assert.equal(y.shape, [4, 1, 1, 3]);
  near(y.slice([0, 0, 0, 2], [4, 1, 1, 1]), [2, 0.5, 2, 0.5], 1e-3);
  near(y.slice([0, 0, 0, 0], [4, 1, 1, 2]), x, 0);
  // Two maps: each channel by itself.
  const maps = minibatchStddev(x, { groupSize: 2, channels: 2 }).slice([0, 0, 0, 2], [2, 1, 1, 2]);
  near(maps, [1, 3, 0, 1], 1e-3);
});

test("minibatch deviation: smaller batches are one group, others must divide; 1 leaves it out", () => {
  const x = draw<tf.Rank.R4>(1, [2, 4, 4, 3]);
  near(
    minibatchStddev(x, { groupSize: 8, channels: 1 }),
    minibatchStddev(x, { groupSize: 2, channels: 1 }),
    0,
  );
  assert.throws(() => minibatchStddev(draw(1, [3, 4, 4, 3]), { groupSize: 2, channels: 1 }), /groups of 2/);
  assert.is(minibatchStddev(x, { groupSize: 1, channels: 1 }), x);
  checkGradients((at) => minibatchStddev(at as tf.Tensor4D, { groupSize: 2, channels: 1 }), [x], 2e-3);
});

test.run();
