import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { extractFeatures, type FeatureExtractor } from "../../lib/features/feature-extractor";
import { asPhotographs, greyImages } from "../../lib/features/grey-images";
import { inceptionExtractor } from "../../lib/features/inception-extractor";
import { segmentationExtractor } from "../../lib/features/segmentation-extractor";
import { InputError } from "../../lib/errors";
import { Params } from "../../lib/models/params";
import { UNet } from "../../lib/models/unet/unet";
import { SLICE_CHANNELS } from "../../lib/shape";
import { near } from "../near";

const test = suite("feature extractors");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** Slices of 8 x 8 whose pixel i of channel c is 10 n + c. */
const slices = {
  size: 8,
  count: 20,
  pixels: (n: number): Uint8Array => {
    if (!(n >= 0 && n < 20)) throw new RangeError(`slice ${n} does not exist`);
    return Uint8Array.from({ length: 64 * SLICE_CHANNELS }, (_, i) => 10 * n + (i % SLICE_CHANNELS));
  },
};

test("one sequence of a slice becomes a grey image of another size", () => {
  const images = tf.tidy(() => asPhotographs(greyImages(slices, [3, 0], "t2w"), 12));
  assert.equal(images.shape, [2, 12, 12, 3]);
  const values = images.dataSync();
  near([values[0] ?? 0, values[2] ?? 0, values.at(-1) ?? 0], [32, 32, 2], 1e-5);
  assert.throws(() => greyImages(slices, [20], "t2w"), RangeError);
});

test("features are extracted in batches, in order, with class probabilities where there are any", () => {
  const extractor: FeatureExtractor = {
    name: "mean",
    size: 1,
    canonical: false,
    features: (set, indices) => greyImages(set, indices, "t1w").mean([1, 2, 3]).reshape([-1, 1]),
    probabilities: (features) => tf.fill([features.shape[0], 2], 0.5),
    dispose: () => undefined,
  };
  const before = tf.memory().numTensors;
  const found = extractFeatures(extractor, slices);
  assert.is(tf.memory().numTensors, before);
  near(
    found.values,
    Array.from({ length: 20 }, (_, n) => 10 * n),
    1e-5,
  );
  assert.equal([found.count, found.size, found.extractor], [20, 1, "mean"]);
  assert.equal(found.probabilities?.values.length, 40);
  near(extractFeatures(extractor, slices, [5, 2]).values, [50, 20], 1e-5);
});

test("the encoder of a U-Net gives the mean of its bottom level", () => {
  const params = new Params(Rng.fromSeed(1));
  const network = new UNet(params, {
    inChannels: 4,
    classes: 4,
    depth: 3,
    firstChannels: 2,
    padding: "same",
  });
  const extractor = segmentationExtractor(network, "real slices");
  assert.equal([extractor.size, extractor.canonical], [8, false]);
  const { values } = extractFeatures(extractor, slices, [1, 2, 3]);
  assert.is(values.length, 24);
  assert.ok(values.every(Number.isFinite));
  params.dispose();
});

test("features of the encoder of a U-Net tell images apart", () => {
  const params = new Params(Rng.fromSeed(5));
  const network = new UNet(params, {
    inChannels: 4,
    classes: 4,
    depth: 2,
    firstChannels: 4,
    padding: "same",
  });
  const rng = Rng.fromSeed(6);
  const noise = {
    ...slices,
    pixels: (n: number): Uint8Array =>
      Uint8Array.from(rng.fork("slice", n).uniforms(64 * SLICE_CHANNELS), (value) => 255 * value),
  };
  const { values, size } = extractFeatures(segmentationExtractor(network, "noise"), noise, [0, 1]);
  const difference = Array.from({ length: size }, (_, i) =>
    Math.abs((values[i] ?? 0) - (values[size + i] ?? 0)),
  );
  // Behind the last instance norm all means would be equal but for rounding.
  assert.ok(Math.max(...difference) > 1e-2, `largest difference ${Math.max(...difference)}`);
  params.dispose();
});

test("the canonical extractor takes no other file than the one that defines it", async () => {
  try {
    await inceptionExtractor({ sequence: "t1w", weights: __filename });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, InputError);
  }
});

test.run();
