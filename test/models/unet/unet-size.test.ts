import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inputSide, outputSide } from "../../../lib/models/unet/unet-size";

const test = suite("U-Net sizes");

const same = (depth: number) => ({ depth, padding: "same" }) as const;
const valid = (depth: number) => ({ depth, padding: "valid" }) as const;

test("has the sizes of the U-Net paper: 572 pixels in, 388 out", () => {
  // Ronneberger et al. 2015, arXiv 1505.04597, figure 1.
  assert.is(outputSide(valid(5), 572), 388);
  assert.is(inputSide(valid(5), 388), 572);
});

test("follows two valid levels by hand", () => {
  // 20 - 4 = 16, halved 8, - 4 = 4, doubled 8, - 4 = 4.
  assert.is(outputSide(valid(2), 20), 4);
  // 18 - 4 = 14, halved 7, - 4 = 3, doubled 6, - 4 = 2.
  assert.is(outputSide(valid(2), 18), 2);
});

test("keeps the side with same padding where it can be halved at every level", () => {
  for (const side of [8, 32, 64, 256]) assert.is(outputSide(same(4), side), side);
  for (const side of [20, 33, 4]) assert.throws(() => outputSide(same(4), side), RangeError);
  assert.is(inputSide(same(4), 20), 24);
  assert.is(inputSide(same(1), 7), 7);
});

test("refuses images that one of its levels would leave empty", () => {
  assert.throws(() => outputSide(valid(2), 12), /a U-Net of depth 2 cannot take images of side 12/);
  assert.throws(() => outputSide(same(3), 0), RangeError);
});

test("pads to the smallest side whose prediction covers what is asked for", () => {
  for (const config of [valid(2), valid(4), same(3), valid(5)])
    for (let side = 1; side < 60; side++) {
      const padded = inputSide(config, side);
      assert.ok(outputSide(config, padded) >= side);
      for (let smaller = side; smaller < padded; smaller++) {
        const covered = () => outputSide(config, smaller) >= side;
        try {
          assert.not.ok(covered(), `${config.padding} ${config.depth}: ${smaller} would do for ${side}`);
        } catch (error) {
          assert.instance(error, RangeError);
        }
      }
    }
});

test("refuses sides that are no sides", () => {
  for (const side of [0, -3, 2.5, Number.NaN]) assert.throws(() => inputSide(same(3), side), RangeError);
});

test.run();
