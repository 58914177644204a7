import { suite } from "uvu";
import * as assert from "uvu/assert";
import { disableProducts, enableProducts, supportsBfloat16 } from "../../lib/backend/mixed-precision";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";

const test = suite("mixed precision");

const rng = Rng.fromSeed(3);
const image = (shape: [number, number, number, number], name: string) =>
  rng.fork(name).normal<tf.Rank.R4>(shape);

/** Processors or libraries without bfloat16 cannot run these tests. */
let supported = false;

test.before(async () => {
  await startBackend({ precision: "float32" });
  supported = supportsBfloat16();
  if (!supported) console.log("skipped: bfloat16 is not available here");
});

test.after.each(() => {
  disableProducts();
});

/** The same in float32, in bfloat16, and in float32 again. */
function threeTimes(compute: () => tf.Tensor): [Float32Array, Float32Array, Float32Array] {
  const values = () => {
    const before = tf.memory().numTensors;
    const result = tf.tidy(compute);
    const numbers = result.dataSync() as Float32Array;
    result.dispose();
    assert.is(tf.memory().numTensors, before, "tensors");
    return numbers;
  };
  const exact = values();
  enableProducts("bfloat16");
  const mixed = values();
  disableProducts();
  return [exact, mixed, values()];
}

/** Asserts that bfloat16 changes a result, by little: 8 bits of mantissa, 2^-9 = 0.2 % a factor. */
function expectClose(compute: () => tf.Tensor): void {
  if (!supported) return;
  const [exact, mixed, again] = threeTimes(compute);
  assert.equal(again, exact, "disabling puts the same kernels back");
  let [difference, energy] = [0, 0];
  exact.forEach((value, i) => {
    difference += (value - (mixed[i] ?? Number.NaN)) ** 2;
    energy += value ** 2;
  });
  const error = Math.sqrt(difference / energy);
  assert.ok(error < 0.01, `relative error ${error}`);
  assert.ok(error > 1e-5, `relative error ${error}: bfloat16 was not in use`);
}

/** Convolutions of guided-diffusion and of the study's U-Net that are large enough to be replaced. */
const CONVOLUTIONS: readonly (readonly [string, number, "same" | "valid", number, number])[] = [
  ["3x3 same", 1, "same", 3, 64],
  ["3x3 valid", 1, "valid", 3, 64],
  ["3x3 strided", 2, "valid", 3, 128],
  ["1x1", 1, "same", 1, 320],
];

for (const [name, stride, padding, size, channels] of CONVOLUTIONS) {
  test(`computes a ${name} convolution and both of its gradients within 1 %`, () => {
    const x = image([8, 24, 24, channels], "x");
    const kernel = image([size, size, channels, channels], "kernel").mul<tf.Tensor4D>(0.1);
    const convolve = (a: tf.Tensor, b: tf.Tensor) =>
      tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, padding);
    const dy = rng.fork("dy").normal(convolve(x, kernel).shape);
    expectClose(() => convolve(x, kernel));
    const gradients = tf.grads((a: tf.Tensor, b: tf.Tensor) => convolve(a, b).mul(dy).sum<tf.Scalar>());
    for (const which of [0, 1]) expectClose(() => gradients([x, kernel])[which] ?? tf.scalar(0));
  });
}

for (const [transposeA, transposeB] of [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const) {
  test(`computes matrix products and gradients within 1 %, transposed ${transposeA}, ${transposeB}`, () => {
    const [a, b, dy] = ["a", "b", "dy"].map((draw) => rng.fork(draw).normal([2, 384, 384])) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const multiply = (p: tf.Tensor, q: tf.Tensor) => tf.matMul(p, q, transposeA, transposeB);
    expectClose(() => multiply(a, b));
    const gradients = tf.grads((p: tf.Tensor, q: tf.Tensor) => multiply(p, q).mul(dy).sum<tf.Scalar>());
    for (const which of [0, 1]) expectClose(() => gradients([a, b])[which] ?? tf.scalar(0));
  });
}

test("leaves small products in float32, and those that read more than they multiply", () => {
  const a = rng.fork("small").normal([16, 16]);
  const [wide, narrow] = [image([16, 32, 32, 256], "wide"), image([1, 1, 256, 8], "narrow")];
  for (const product of [() => tf.matMul(a, a), () => tf.conv2d(wide, narrow, 1, "same")]) {
    const [exact, mixed] = threeTimes(product);
    assert.equal(mixed, exact);
  }
});

test("leaves dilated convolutions to the original kernel", () => {
  const [x, kernel] = [image([8, 24, 24, 64], "x"), image([3, 3, 64, 64], "kernel")];
  const [exact, mixed] = threeTimes(() => tf.conv2d(x, kernel, 1, "same", "NHWC", 2));
  assert.equal(mixed, exact);
});

test("can be enabled twice and disabled twice", () => {
  enableProducts("bfloat16");
  const kernel = tf.getKernel(tf.Conv2D, "tensorflow");
  enableProducts("bfloat16");
  assert.is(tf.getKernel(tf.Conv2D, "tensorflow"), kernel);
  disableProducts();
  const original = tf.getKernel(tf.Conv2D, "tensorflow");
  disableProducts();
  assert.is(tf.getKernel(tf.Conv2D, "tensorflow"), original);
  assert.is.not(original, kernel);
});

test("sums products in double precision where exactness is asked for", () => {
  if (tf.getBackend() !== "tensorflow") return;
  // 1 is lost between two large numbers in float32, whatever the order of the sum.
  const [a, b] = [tf.tensor2d([[2 ** 30, 1, -(2 ** 30)]]), tf.ones([3, 1])];
  const images = tf.tensor4d([2 ** 30, 1, -(2 ** 30)], [1, 1, 1, 3]);
  const kernel = tf.ones<tf.Rank.R4>([1, 1, 3, 1]);
  const before = tf.memory().numTensors;
  enableProducts("float64");
  tf.tidy(() => {
    assert.equal([...tf.matMul(a, b).dataSync()], [1]);
    assert.equal([...tf.conv2d(images, kernel, 1, "same").dataSync()], [1]);
    const gradient = tf.grad((k) => tf.conv2d(images, k as tf.Tensor4D, 1, "same").sum())(kernel);
    assert.equal([...gradient.dataSync()], [2 ** 30, 1, -(2 ** 30)]);
  });
  disableProducts();
  assert.is(tf.memory().numTensors, before);
});

test.run();
