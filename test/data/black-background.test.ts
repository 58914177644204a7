import { suite } from "uvu";
import * as assert from "uvu/assert";
import { blackenBackground } from "../../lib/data/black-background";

const test = suite("blackenBackground");

test("sets what is nearly black in a sequence to 0, and leaves the mask", () => {
  const images = Uint8Array.of(7, 8, 0, 200, 7, 1, 255, 9, 3, 51);
  blackenBackground(images, 8);
  assert.equal([...images], [0, 8, 0, 200, 7, 0, 255, 9, 0, 51]);
});

test("leaves everything for 0", () => {
  const images = Uint8Array.of(1, 2, 3, 4, 5);
  blackenBackground(images, 0);
  assert.equal([...images], [1, 2, 3, 4, 5]);
});

test.run();
