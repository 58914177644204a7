import { suite } from "uvu";
import * as assert from "uvu/assert";
import { operationCost } from "../../lib/bench/operation-cost";

const test = suite("operation cost");

const plain = { attributes: [] };

test("counts two operations for each product of a convolution", () => {
  // Each of 2 * 8 * 8 * 16 results sums over 3 * 3 * 4 products.
  const inputs = [
    [2, 16, 16, 4],
    [3, 3, 4, 16],
  ];
  const cost = operationCost({ ...plain, name: "Conv2D", inputs, output: [2, 8, 8, 16] });
  assert.is(cost, 2 * (2 * 8 * 8 * 16) * (3 * 3 * 4));
});

test("counts both gradients of a convolution as much as itself", () => {
  const [x, kernel, dy] = [
    [2, 16, 16, 4],
    [3, 3, 4, 16],
    [2, 8, 8, 16],
  ];
  const wanted = 2 * (2 * 8 * 8 * 16) * (3 * 3 * 4);
  const toInput = { ...plain, name: "Conv2DBackpropInput", inputs: [[4], kernel, dy], output: x };
  const toKernel = { ...plain, name: "Conv2DBackpropFilter", inputs: [x, [4], dy], output: kernel };
  assert.is(operationCost(toInput), wanted);
  assert.is(operationCost(toKernel), wanted);
});

test("counts a filter by the taps that reach a value, once an axis", () => {
  // 12 taps over every other pixel: 6 products for each value of 168 lines of 84, then of 168 lines of 168.
  const attributes = [{ name: "up", type: 0, value: 2 }];
  const inputs = [[2, 84, 84, 5], [12]];
  const cost = operationCost({ attributes, name: "SynthmrFilter", inputs, output: [2, 168, 168, 5] });
  assert.is(cost, 2 * 2 * 5 * 6 * (168 * 84 + 168 * 168));
});

test("counts a depthwise convolution by channel", () => {
  const inputs = [
    [1, 8, 8, 6],
    [5, 5, 6, 1],
  ];
  const cost = operationCost({ ...plain, name: "DepthwiseConv2dNative", inputs, output: [1, 8, 8, 6] });
  assert.is(cost, 2 * (8 * 8 * 6) * 25);
});

test("counts matrix products, transposed and in batches", () => {
  // [7, 3, 5] x [7, 5, 4]: each of 7 * 3 * 4 results sums over 5.
  const wanted = 2 * (7 * 3 * 4) * 5;
  const output = [7, 3, 4];
  const straight = [
    [7, 3, 5],
    [7, 5, 4],
  ];
  assert.is(operationCost({ ...plain, name: "BatchMatMulV2", inputs: straight, output }), wanted);
  const transposed = {
    name: "BatchMatMulV2",
    attributes: [{ name: "adj_x", type: 0, value: true }],
    inputs: [
      [7, 5, 3],
      [7, 5, 4],
    ],
    output,
  };
  assert.is(operationCost(transposed), wanted);
});

test("counts nothing for what moves numbers or changes them one by one", () => {
  for (const name of ["AddV2", "Transpose", "Relu"])
    assert.is(operationCost({ ...plain, name, inputs: [[8, 8]], output: [8, 8] }), 0);
});

test.run();
