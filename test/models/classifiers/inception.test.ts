import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { Inception } from "../../../lib/models/classifiers/inception";
import { inceptionNames } from "../../../lib/models/classifiers/inception-names";
import { Params } from "../../../lib/models/params";
import { ShapeParams } from "../../../lib/models/shape-params";
import { near } from "../../near";
import { loadFormulaWeights, waves } from "../formula-weights";

const test = suite("Inception");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("has the parameters of torchvision's network up to the pooled features, and 1,008 classes", () => {
  const params = new ShapeParams();
  new Inception(params);
  // torchvision's inception_v3 without the auxiliary classifier and the last layer has 21,785,568.
  assert.is(params.count, 21_785_568 + 1008 * 2049);
  const names = inceptionNames();
  assert.equal([...names.keys()].sort(), [...params.variables.keys(), ...params.buffers.keys()].sort());
  // pytorch-fid's file has 566 entries: 94 of these layers count their batches besides.
  assert.is(names.size, 566 - 94);
});

test("gives the features of a NumPy implementation with the same weights, and leaves no tensor", () => {
  const params = new Params(Rng.fromSeed(1));
  const network = new Inception(params);
  loadFormulaWeights(params, inceptionNames());
  const image = waves(95);
  const before = tf.memory().numTensors;
  const features = network.features(image);
  assert.is(tf.memory().numTensors, before + 1);
  assert.equal(features.shape, [1, 2048]);
  const values = features.dataSync();
  const expected = [
    0.1626494, 0.08088978, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.06725885, 0.06836293, 0.04692981, 0.0038033,
    0.06544492, 0.09366478, 0.07796828, 0.08276711, 0.3478548, 0.03714169,
  ];
  near(
    expected.map((_, i) => values[5 + 101 * i] ?? Number.NaN),
    expected,
    1e-4,
  );
  near(features.mean(), [0.047512061], 1e-5);
  params.dispose();
});

test.run();
