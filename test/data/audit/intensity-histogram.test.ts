import { suite } from "uvu";
import * as assert from "uvu/assert";
import { binMiddles, classHistograms, overlap } from "../../../lib/data/audit/intensity-histogram";
import { near } from "../../near";

const test = suite("classHistograms");

test("puts standard scores in their bins, class by class, and what lies beyond into the last ones", () => {
  const values = Float32Array.from([10, 12, 14, 1000, -1000, 7]);
  const brain = Uint8Array.from([1, 1, 1, 1, 1, 0]);
  const classes = Uint8Array.from([0, 0, 2, 2, 2, 2]);
  const [rest, core, edema] = classHistograms({ brain, classes }, values, { mean: 10, deviation: 2 });
  const places = (bins: Float64Array | null | undefined): readonly (readonly number[])[] =>
    [...(bins ?? []).entries()].filter(([, share]) => share > 0).map(([i, share]) => [i, share]);
  // Scores 0 and 1: 4 / 0.1 and 5 / 0.1 bins above -4.
  assert.equal(places(rest), [
    [40, 0.5],
    [50, 0.5],
  ]);
  assert.is(core, null);
  near(places(edema).flat(), [0, 1 / 3, 60, 1 / 3, 139, 1 / 3], 1e-12);
  near([binMiddles()[40] ?? 0], [0.05], 1e-9);
});

test("overlap is 1 for equal distributions and 0 for ones that never meet", () => {
  assert.is(overlap([0.5, 0.5, 0], [0.5, 0.5, 0]), 1);
  assert.is(overlap([1, 0], [0, 1]), 0);
  assert.is(overlap([0.75, 0.25], [0.25, 0.75]), 0.5);
});

test.run();
