import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { timestepEmbedding } from "../../../lib/models/layers/timestep-embedding";
import { near } from "../../near";

const test = suite("timestep embedding");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("is cosines, then sines, at periods from 2 pi towards 10000 times that", () => {
  // D = 4: frequencies 1 and 10000^(-1/2) = 0.01; t = 3.
  near(
    timestepEmbedding(tf.tensor1d([3]), 4),
    [Math.cos(3), Math.cos(0.03), Math.sin(3), Math.sin(0.03)],
    1e-6,
  );
});

test("is ones and zeros at step 0", () => {
  assert.equal([...timestepEmbedding(tf.tensor1d([0], "int32"), 6).dataSync()], [1, 1, 1, 0, 0, 0]);
});

test("takes whole and fractional steps alike", () => {
  near(timestepEmbedding(tf.tensor1d([7, 999], "int32"), 8), timestepEmbedding(tf.tensor1d([7, 999]), 8), 0);
  near(timestepEmbedding(tf.tensor1d([0.5]), 2), [Math.cos(0.5), Math.sin(0.5)], 1e-6);
});

test("keeps float32's accuracy at the last of 4000 steps", () => {
  const expected = Array.from({ length: 16 }, (_, i) => 3999 * 10000 ** (-i / 16));
  // Half a unit in the last place of an angle of 3999 is 1.2e-4.
  near(
    timestepEmbedding(tf.tensor1d([3999]), 32),
    [...expected.map(Math.cos), ...expected.map(Math.sin)],
    2.5e-4,
  );
});

test("refuses an odd size and frees what it made", () => {
  const t = tf.tensor1d([1]);
  assert.throws(() => timestepEmbedding(t, 5), /even, not 5/);
  const before = tf.memory().numTensors;
  timestepEmbedding(t, 8).dispose();
  assert.is(tf.memory().numTensors, before);
});

test.run();
