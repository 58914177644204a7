import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Features } from "../../lib/metrics/features";
import { distinctShare } from "../../lib/metrics/distinct-images";

const test = suite("distinct images");

/** Images of one feature. */
const line = (...values: readonly number[]): Features => ({
  count: values.length,
  size: 1,
  values: Float32Array.from(values),
});

test("images as far from each other as real slices are all distinct", () => {
  assert.is(distinctShare(line(0, 2, 4, 6), line(0, 1, 2, 3)), 1);
});

test("twins and images nearer than the nearest real slices are repeats", () => {
  // Real slices are 1 apart. 0 and 0 are twins, 5 and 5.5 nearer than 1; only 9 stands alone.
  assert.is(distinctShare(line(0, 0, 5, 5.5, 9), line(0, 1, 2, 3, 4)), 0.2);
});

test("a collapsed generator has no distinct image", () => {
  assert.is(distinctShare(line(7, 7, 7), line(0, 1, 2)), 0);
});

test.run();
