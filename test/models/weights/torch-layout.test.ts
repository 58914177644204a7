import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  byRank,
  convolution,
  featureMap,
  featureMaps,
  fromTorch,
  linear,
  linearOfImage,
  plain,
  pointwise,
  toTorch,
  type LayoutOf,
} from "../../../lib/models/weights/torch-layout";

const test = suite("layouts of PyTorch");

/** Each layout with a shape of ours and the shape that it then has in a file. */
const LAYOUTS: readonly (readonly [name: string, LayoutOf, ours: number[], theirs: number[]])[] = [
  ["plain", plain, [3, 2], [3, 2]],
  ["a scalar", plain, [], []],
  ["linear", linear, [3, 2], [2, 3]],
  ["pointwise", pointwise, [3, 2], [2, 3, 1]],
  ["convolution", convolution, [2, 3, 4, 5], [5, 4, 2, 3]],
  ["feature map", featureMap, [2, 3, 4], [4, 2, 3]],
  ["one feature map of a batch", featureMap, [1, 2, 3, 4], [4, 2, 3]],
  ["feature maps", featureMaps, [5, 2, 3, 4], [5, 4, 2, 3]],
  ["linear of an image", linearOfImage(2, 3), [24, 5], [5, 24]],
  ["rank 1", byRank, [4], [4]],
  ["rank 2", byRank, [3, 2], [2, 3]],
  ["rank 4", byRank, [2, 3, 4, 5], [5, 4, 2, 3]],
  [
    "flipped",
    ([h = 0, w = 0, c = 0, k = 0]) => ({ stored: [k, c, h, w], axes: [2, 3, 1, 0], flipped: [2, 3] }),
    [2, 3, 4, 5],
    [5, 4, 2, 3],
  ],
];

const counting = (shape: readonly number[]) =>
  Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, i) => i);

test("give a file's values back as they were", () => {
  for (const [name, layoutOf, ours, theirs] of LAYOUTS) {
    const layout = layoutOf(ours);
    assert.equal(layout.stored, theirs, name);
    const values = counting(theirs);
    assert.equal(toTorch(fromTorch(values, layout), layout), values, name);
    assert.equal(fromTorch(toTorch(values, layout), layout), values, name);
  }
});

test("put every value in its place", () => {
  // Convolution [K, C, h, w] = [2, 1, 1, 3] to [h, w, C, K]: tap by tap, both outputs side by side.
  assert.equal([...fromTorch(counting([2, 1, 1, 3]), convolution([1, 3, 1, 2]))], [0, 3, 1, 4, 2, 5]);
  // A linear layer on 2 channels of 1x2 pixels: theirs channel by channel, ours pixel by pixel.
  assert.equal([...fromTorch(counting([1, 4]), linearOfImage(1, 2)([4, 1]))], [0, 2, 1, 3]);
});

test.run();
