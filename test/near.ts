import * as assert from "uvu/assert";
import type { Tensor } from "../lib/backend/tf";

type Numbers = ArrayLike<number> | Tensor;

/**
 * Asserts that two arrays or tensors agree: the largest difference is at most `tolerance` times the largest
 * absolute expected value (or times 1 where all expected values are smaller than that).
 */
export function near(actual: Numbers, expected: Numbers, tolerance: number, message = "values"): void {
  const found = values(actual);
  const wanted = values(expected);
  assert.is(found.length, wanted.length, `${message}: number of values`);
  let scale = 1;
  let worst = 0;
  let at = 0;
  for (let i = 0; i < wanted.length; i++) {
    scale = Math.max(scale, Math.abs(wanted[i] ?? 0));
    const difference = Math.abs((found[i] ?? Number.NaN) - (wanted[i] ?? Number.NaN));
    if (!(difference <= worst)) [worst, at] = [difference, i];
  }
  assert.ok(
    worst <= tolerance * scale,
    `${message}: value ${at} is ${found[at]}, expected ${wanted[at]} (difference ${worst}, allowed ${tolerance * scale})`,
  );
}

function values(numbers: Numbers): ArrayLike<number> {
  return "dataSync" in numbers ? (numbers.dataSync() as ArrayLike<number>) : numbers;
}
