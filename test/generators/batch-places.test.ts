import { suite } from "uvu";
import * as assert from "uvu/assert";
import { placeInBatches } from "../../lib/generators/batch-places";

const test = suite("batch places");

test("seeds in a row from a multiple of the batch size fill their batches", () => {
  const batches = placeInBatches([4, 5, 6, 7, 8, 9, 10, 11], 4);
  assert.equal(
    batches.map(({ seeds }) => seeds),
    [
      [4, 5, 6, 7],
      [8, 9, 10, 11],
    ],
  );
});

test("every seed stands at the place of its own, whatever else is asked for", () => {
  for (const asked of [[6], [1, 6, 2], [9, 6, 6], [14, 10, 6, 2]])
    for (const { seeds, wanted } of placeInBatches(asked, 4)) {
      assert.is(seeds.length, 4);
      for (const { place, position } of wanted) {
        assert.is(seeds[place], asked[position]);
        assert.is(place, (asked[position] ?? 0) % 4);
      }
    }
});

test("each one asked for is drawn once, in as few batches as their places allow", () => {
  const asked = [14, 10, 6, 2, 3];
  const batches = placeInBatches(asked, 4);
  assert.is(batches.length, 4);
  const positions = batches.flatMap(({ wanted }) => wanted.map(({ position }) => position));
  assert.equal([...positions].sort(), [0, 1, 2, 3, 4]);
  assert.equal(placeInBatches([], 4), []);
});

test.run();
