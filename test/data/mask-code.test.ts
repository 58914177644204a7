import { suite } from "uvu";
import * as assert from "uvu/assert";
import { classOfGrey, decodeMask, encodeMask, GREY_OF_CLASS } from "../../lib/data/mask-code";

const test = suite("mask codes");

test("gives each class its grey value and back", () => {
  assert.equal([...encodeMask(Uint8Array.of(0, 1, 2, 3))], [0, 51, 102, 204]);
  assert.equal([...decodeMask(Uint8Array.from(GREY_OF_CLASS))], [0, 1, 2, 3]);
});

test("changes class at 26, 77 and 154", () => {
  const classes = Array.from({ length: 256 }, (_, grey) =>
    grey >= 154 ? 3 : grey >= 77 ? 2 : grey >= 26 ? 1 : 0,
  );
  assert.equal(
    Array.from({ length: 256 }, (_, grey) => classOfGrey(grey)),
    classes,
  );
  assert.equal([...decodeMask(Uint8Array.from({ length: 256 }, (_, grey) => grey))], classes);
  assert.equal([...decodeMask(Float32Array.from({ length: 256 }, (_, grey) => grey))], classes);
});

test("changes class between whole grey values at 25.5, 76.5 and 153", () => {
  assert.equal([25.5, 25.6, 76.5, 76.6, 153, 153.1, -3, 300].map(classOfGrey), [0, 1, 1, 2, 2, 3, 0, 3]);
});

test("refuses NaN and unknown classes", () => {
  assert.throws(() => decodeMask(Float32Array.of(0, Number.NaN)), /NaN/);
  assert.throws(() => encodeMask(Uint8Array.of(4)), /not a class index/);
});

test.run();
