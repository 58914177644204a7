import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { EfficientNetLite0, efficientnetBlocks } from "../../../lib/models/classifiers/efficientnet-lite";
import { efficientnetNames } from "../../../lib/models/classifiers/efficientnet-lite-names";
import { Params } from "../../../lib/models/params";
import { ShapeParams } from "../../../lib/models/shape-params";
import { near } from "../../near";
import { loadFormulaWeights, waves } from "../formula-weights";

const test = suite("EfficientNetLite0");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("has the published number of parameters, each with a name in the reference", () => {
  const params = new ShapeParams();
  new EfficientNetLite0(params);
  assert.is(params.count, 4_652_008);
  const names = efficientnetNames();
  assert.equal([...names.keys()].sort(), [...params.variables.keys(), ...params.buffers.keys()].sort());
  assert.is(efficientnetBlocks().length, 16);
});

test("gives the features of a NumPy implementation with the same weights, and leaves no tensor", () => {
  const params = new Params(Rng.fromSeed(1));
  const network = new EfficientNetLite0(params);
  loadFormulaWeights(params, efficientnetNames());
  const image = waves(50);
  const before = tf.memory().numTensors;
  const features = network.features(image);
  assert.is(tf.memory().numTensors, before + 1);
  assert.equal(features.shape, [1, 1280]);
  const values = features.dataSync();
  const expected = [
    0.0, 0.0, 0.9780432, 2.076043, 0.0, 0.0, 0.3626841, 2.090516, 0.06667036, 0.0, 0.0, 1.834917, 0.4670657,
  ];
  near(
    expected.map((_, i) => values[5 + 101 * i] ?? Number.NaN),
    expected,
    1e-4,
  );
  near(features.mean(), [0.64685443], 1e-4);
  assert.equal(network.classify(features).shape, [1, 1000]);
  params.dispose();
});

test.run();
