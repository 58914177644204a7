import { suite } from "uvu";
import * as assert from "uvu/assert";
import { departures, largestDistance, smoothed } from "./loss-curves";

const test = suite("loss curves");

test("are smoothed by the mean over a window", () => {
  assert.equal([...smoothed([1, 3, 5, 7], 2)], [2, 4, 6]);
  assert.throws(() => smoothed([1], 2), /1 steps are fewer than 2/);
});

test("depart by the distance of the means, beside the spread of the seeds, in each half", () => {
  const plain = [
    [4, 4, 1, 1],
    [6, 7, 1, 2],
  ]; // means 5, 5.5, 1, 1.5; ranges 2, 3, 0, 1
  const other = [
    [5, 4, 1, 1],
    [6, 6, 3, 2],
  ]; // means 5.5, 5, 2, 1.5
  assert.equal(departures(plain, other, 1), [
    { from: 1, to: 2, difference: 0.5, spread: 3 },
    { from: 3, to: 4, difference: 1, spread: 1 },
  ]);
});

test("are apart by their largest distance", () => {
  assert.is(largestDistance([1, 2, 3], [1, 4, 3], 1), 2);
});

test.run();
