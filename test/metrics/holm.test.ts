import { suite } from "uvu";
import * as assert from "uvu/assert";
import { holm } from "../../lib/metrics/holm";
import { near } from "../near";

const test = suite("holm");

test("is worked by hand for four tests", () => {
  // In order 0.005 * 4 = 0.02, 0.01 * 3 = 0.03, 0.03 * 2 = 0.06, 0.04 * 1 = 0.04, raised to 0.06.
  near(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02], 1e-15);
});

test("never exceeds 1 and leaves tests out that could not be made", () => {
  const corrected = holm([0.6, Number.NaN, 0.7]);
  assert.ok(Number.isNaN(corrected[1]));
  assert.equal([corrected[0], corrected[2]], [1, 1]);
  near(holm([0.02]), [0.02], 0);
});

test.run();
