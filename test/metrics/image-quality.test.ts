import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { imageQuality, qualityNames, type NamedFeatures } from "../../lib/metrics/image-quality";

const test = suite("imageQuality");

function set(count: number, seed: number, shift = 0): NamedFeatures {
  const values = Rng.fromSeed(seed)
    .normals(count * 8)
    .map((value) => value + shift);
  return { count, size: 8, values, extractor: "test", canonical: false, probabilities: undefined };
}

const options = { rng: Rng.fromSeed(1), replicates: 50, frechetReplicates: 5 };

test("gives every measure with an interval and the numbers of images", () => {
  const found = imageQuality(set(40, 1), set(30, 2, 0.5), options);
  assert.equal([found.realCount, found.syntheticCount, found.featureCount], [40, 30, 8]);
  const { frechetDistance, kernelDistance, precision, recall, density, coverage } = found;
  for (const { estimate, low, high } of [
    frechetDistance,
    kernelDistance,
    precision,
    recall,
    density,
    coverage,
  ])
    assert.ok(low <= estimate && estimate <= high);
  assert.is(found.classScore, undefined);
  assert.is(found.warnings.length, 1); // unlike numbers
});

test("warns where images do not outnumber features", () => {
  const [warning] = imageQuality(set(8, 1), set(8, 2), options).warnings;
  assert.match(warning ?? "", /8 real images do not outnumber the 8 features/);
});

test("scores classes where the extractor is a classifier", () => {
  const probabilities = { count: 2, classes: 2, values: Float32Array.of(1, 0, 0, 1) };
  const synthetic = { ...set(20, 2), probabilities };
  assert.is(imageQuality(set(20, 1), synthetic, options).classScore?.estimate, 2);
});

test("only the canonical extractor's measures are called FID, KID and Inception score", () => {
  assert.is(qualityNames({ extractor: "Inception v3 (FID), t1w", canonical: true }).frechetDistance, "FID");
  const names = Object.values(qualityNames({ extractor: "U-Net encoder", canonical: false }));
  assert.ok(names.every((name) => name.includes("U-Net encoder") && !/FID|KID|Inception/.test(name)));
});

test("refuses features of two extractors", () => {
  assert.throws(() => imageQuality(set(20, 1), { ...set(20, 2), extractor: "other" }, options), RangeError);
});

test.run();
