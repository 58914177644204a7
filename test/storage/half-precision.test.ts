import { suite } from "uvu";
import * as assert from "uvu/assert";
import { floatToHalf, halfToFloat } from "../../lib/storage/half-precision";

const test = suite("half precision");

test("reads subnormals, infinities and NaN as well as ordinary numbers", () => {
  // IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits.
  const cases = [
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x0001, 2 ** -24],
    [0x83ff, -1023 * 2 ** -24],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
  ] as const;
  for (const [half, value] of cases) assert.is(halfToFloat(half), value);
  assert.ok(Number.isNaN(halfToFloat(0x7e00)));
  assert.ok(Object.is(halfToFloat(0x8000), -0));
});

test("gives back every half-precision number", () => {
  for (let half = 0; half < 0x10000; half++) {
    const value = halfToFloat(half);
    if (!Number.isNaN(value)) assert.is(floatToHalf(value), half);
  }
  assert.ok(Number.isNaN(halfToFloat(floatToHalf(Number.NaN))));
});

test("rounds to the nearest, ties to the even one, and beyond the largest to infinity", () => {
  for (let half = 0; half < 0x7bff; half++) {
    const [low, high] = [halfToFloat(half), halfToFloat(half + 1)];
    const middle = (low + high) / 2;
    assert.is(floatToHalf(middle), half % 2 === 0 ? half : half + 1);
    assert.is(floatToHalf(low + 0.499 * (high - low)), half);
    assert.is(floatToHalf(-(low + 0.501 * (high - low))), 0x8000 | (half + 1));
  }
  assert.equal([65519, 65520, -1e9].map(floatToHalf), [0x7bff, 0x7c00, 0xfc00]);
});

test.run();
