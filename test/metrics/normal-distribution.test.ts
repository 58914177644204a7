import { suite } from "uvu";
import * as assert from "uvu/assert";
import { normalQuantile, normalUpperTail } from "../../lib/metrics/normal-distribution";

const test = suite("normal distribution");

const relative = (found: number, expected: number): number => Math.abs(found / expected - 1);

test("has the upper tails of SciPy 1.17.1", () => {
  const expected: [number, number][] = [
    [0, 0.5],
    [0.5, 0.3085375387259869],
    [1.96, 0.024997895148220435],
    [3.3, 0.00048342414238377744],
    [3.6, 0.00015910859015753364],
    [6, 9.865876450376946e-10],
    [12, 1.776482112077653e-33],
  ];
  for (const [z, tail] of expected) assert.ok(relative(normalUpperTail(z), tail) < 1e-11, `at ${z}`);
  assert.ok(relative(normalUpperTail(-0.5), 1 - 0.3085375387259869) < 1e-14);
});

test("has the quantiles of SciPy 1.17.1", () => {
  const expected: [number, number][] = [
    [0.975, 1.959963984540054],
    [0.6, 0.2533471031357997],
    [1e-6, -4.753424308822899],
    [0.9999, 3.719016485455709],
  ];
  for (const [probability, z] of expected)
    assert.ok(relative(normalQuantile(probability), z) < 1e-10, `at ${probability}`);
  assert.is(normalQuantile(0.5), 0);
  assert.throws(() => normalQuantile(1), RangeError);
});

test.run();
