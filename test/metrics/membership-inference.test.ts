import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { copyRatios, copyShare, copyThreshold } from "../../lib/metrics/copy-ratio";
import type { Features } from "../../lib/metrics/features";
import { areaUnderCurve, membershipInference } from "../../lib/metrics/membership-inference";
import { nearestFeatures } from "../../lib/metrics/nearest-features";
import { rank } from "../../lib/metrics/ranks";
import { near } from "../near";

const test = suite("membershipInference");

const onLine = (...values: number[]): Features => ({
  count: values.length,
  size: 1,
  values: Float32Array.from(values),
});

test("has an area that is worked by hand, ties counted half", () => {
  // Pairs of (3, 1) with (2, 1, 0): 3 wins 3; 1 wins against 0 and ties with 1: 1.5. Of six.
  const area = areaUnderCurve(Float64Array.of(3, 1), Float64Array.of(2, 1, 0));
  near([area(Int32Array.of(0, 1), Int32Array.of(0, 1, 2))], [4.5 / 6], 1e-15);
  // (1, 1) with (0, 1): each wins once and ties once.
  near([area(Int32Array.of(1, 1), Int32Array.of(2, 1))], [3 / 4], 1e-15);
  assert.ok(Number.isNaN(area(new Int32Array(0), Int32Array.of(0))));
});

test("has the area that the ranks of the drawn values give", () => {
  const stream = Rng.fromSeed(9).fork("draws").stream();
  const draw = (count: number, below: number) =>
    Int32Array.from({ length: count }, () => stream.integer(below));
  for (let repeat = 0; repeat < 20; repeat++) {
    const [higher, lower] = [Float64Array.from(draw(60, 40)), Float64Array.from(draw(45, 40))];
    const [first, second] = [draw(50, 60), draw(30, 45)];
    const drawn = [...first].map((i) => higher[i] ?? 0).concat([...second].map((i) => lower[i] ?? 0));
    const sum = rank(drawn)
      .ranks.subarray(0, 50)
      .reduce((total, value) => total + value, 0);
    assert.is(areaUnderCurve(higher, lower)(first, second), (sum - (50 * 51) / 2) / (50 * 30));
  }
});

test("is 0.5 for images of one kind and 1 where members are known for certain", () => {
  const options = { rng: Rng.fromSeed(1), replicates: 300 };
  const alike = membershipInference(Rng.fromSeed(2).normals(200), Rng.fromSeed(3).normals(150), options);
  assert.ok(alike.auc.low < 0.5 && 0.5 < alike.auc.high);
  const known = membershipInference([5, 6, Number.NaN, 7], [1, 2], options);
  assert.equal([known.memberCount, known.nonMemberCount], [3, 2]);
  assert.equal(known.auc, { estimate: 1, low: 1, high: 1 });
});

test("nearest references in features are worked by hand", () => {
  const found = nearestFeatures(onLine(0, 10), onLine(1, 4, 9, 12), 2);
  assert.equal(Array.from(found.index), [0, 1, 2, 3]);
  near(found.distance, [1, 4, 1, 2], 1e-12);
  assert.throws(() => nearestFeatures(onLine(1), onLine(1, 2), 3), RangeError);
});

test("a copy has a distance ratio of 0, an image among others one near 1", () => {
  const training: Features = { count: 60, size: 20, values: Rng.fromSeed(4).normals(1200) };
  const copy: Features = { count: 1, size: 20, values: training.values.slice(200, 220) };
  assert.equal(Array.from(copyRatios(copy, training)), [0]);
  const other: Features = { count: 1, size: 20, values: Rng.fromSeed(5).normals(20) };
  const [ratio = 0] = copyRatios(other, training);
  assert.ok(ratio > 0.5 && ratio < 1, `ratio ${ratio}`);
  assert.equal(Array.from(copyRatios(onLine(3), onLine(3, 3))), [1]);
});

test("the share of copies counts planted ones beyond what held-out images give", () => {
  const draw = (seed: number): Features => ({
    count: 100,
    size: 20,
    values: Rng.fromSeed(seed).normals(2000),
  });
  const [training, heldOut, images] = [draw(6), draw(7), draw(8)];
  const threshold = copyThreshold(heldOut, training);
  const without = copyShare(images, training, threshold);
  images.values.set(training.values.subarray(0, 200)); // ten of a hundred
  near([copyShare(images, training, threshold) - without], [0.1], 0.021);
  assert.ok(without <= 0.05, `${without} without copies`);
});

test.run();
