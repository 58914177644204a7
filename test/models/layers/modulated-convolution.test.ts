import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import {
  ModulatedConv,
  unitStyles,
  type ModulatedConvConfig,
} from "../../../lib/models/layers/modulated-convolution";
import { ModulatedPointwise } from "../../../lib/models/layers/modulated-pointwise";
import { features, meanSquare, overPixels, scalePixels } from "../../../lib/models/layers/scaled-features";
import { Params } from "../../../lib/models/params";
import { near } from "../../near";
import { checkGradients } from "./gradient-check";

const test = suite("modulated convolution");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

const SHAPE = { inChannels: 3, outChannels: 4, styleSize: 6 } as const;

/** x [1, 5, 5, 3] of one sample, its style w [1, 6] and the scale that its features carry, [1, 3]. */
function inputs(seed: number): { x: tf.Tensor4D; w: tf.Tensor2D; scale: tf.Tensor2D } {
  return {
    x: Rng.fromSeed(seed).fork("x").normal<tf.Rank.R4>([1, 5, 5, 3]),
    w: Rng.fromSeed(seed).fork("w").normal<tf.Rank.R2>([1, 6]),
    scale: Rng.fromSeed(seed).fork("scale").uniform<tf.Rank.R2>([1, 3]).add(0.5),
  };
}

/** What the layers' learned map makes of a style: w A / sqrt(6) + b, [1, 3]. */
function styleOf(params: Params, w: tf.Tensor2D): tf.Tensor2D {
  const kernel = params.variables.get("affine/kernel") as tf.Variable<tf.Rank.R2>;
  const bias = params.variables.get("affine/bias") as tf.Variable<tf.Rank.R1>;
  return w.matMul(kernel.div(Math.sqrt(6))).add(bias);
}

/** Each sample's features by a convolution with that sample's own kernel of unit norm. */
function oneByOne(
  params: Params,
  kernelOf: (kernel: tf.Tensor4D) => tf.Tensor4D,
  convolve: (x: tf.Tensor4D, kernel: tf.Tensor4D) => tf.Tensor4D,
): tf.Tensor4D {
  const samples = [1, 2].map((seed) => {
    const { x, w, scale } = inputs(seed);
    const kernel = kernelOf(params.variables.get("kernel") as tf.Variable<tf.Rank.R4>); // [k, k, C, K]
    const modulated = kernel.mul<tf.Tensor4D>(styleOf(params, w).reshape([1, 1, 3, 1]));
    const unit = modulated.div<tf.Tensor4D>(modulated.square().sum([0, 1, 2]).sqrt());
    return convolve(x.mul(overPixels(scale)), unit);
  });
  return tf.concat(samples);
}

function batch(): { x: tf.Tensor4D; w: tf.Tensor2D; scale: tf.Tensor2D } {
  const [a, b] = [inputs(1), inputs(2)];
  return {
    x: tf.concat([a.x, b.x]),
    w: unitStyles(tf.concat([a.w, b.w]).expandDims(1))[0] as tf.Tensor2D,
    scale: tf.concat([a.scale, b.scale]),
  };
}

function applied(config: ModulatedConvConfig): { params: Params; y: tf.Tensor4D } {
  const params = new Params(Rng.fromSeed(4));
  const { x, w, scale } = batch();
  const { values, norm } = new ModulatedConv(params, config).apply({ values: x, scale }, w);
  return { params, y: features({ values, scale: norm.reciprocal() }) };
}

test("equals a convolution whose kernel is modulated, then scaled to unit norm", () => {
  const { params, y } = applied({ ...SHAPE, kernelSize: 3, padding: "same" });
  near(
    y,
    oneByOne(
      params,
      (kernel) => kernel,
      (x, kernel) => tf.conv2d(x, kernel, 1, "same"),
    ),
    1e-5,
  );
  params.dispose();
});

test("pads by the kernel's size less one, with a kernel that is stored transposed and turned round", () => {
  const { params, y } = applied({ ...SHAPE, kernelSize: 3, padding: "full" });
  const stored = (kernel: tf.Tensor4D) => kernel.reverse([0, 1]).transpose<tf.Tensor4D>([0, 1, 3, 2]);
  const padded = (x: tf.Tensor4D) =>
    tf.pad4d(x, [
      [0, 0],
      [2, 2],
      [2, 2],
      [0, 0],
    ]);
  near(
    y,
    oneByOne(params, stored, (x, kernel) => tf.conv2d(padded(x), kernel, 1, "valid")),
    1e-5,
  );
  params.dispose();
});

test("doubles the size: zeros between pixels, the kernel turned round, then the filter", () => {
  const { params, y } = applied({ ...SHAPE, kernelSize: 3, padding: { taps: [1, 3, 3, 1], size: 5 } });
  assert.equal(y.shape, [2, 10, 10, 4]);
  const stored = (kernel: tf.Tensor4D) => kernel.transpose<tf.Tensor4D>([0, 1, 3, 2]);
  const expected = oneByOne(params, stored, (x, kernel) => {
    // 5 pixels and zeros between and around them: 2 + 9 + 2; the kernel gives 11, the filter with margins of 1 10.
    const spread = tf.pad4d(insertZeros(x), [
      [0, 0],
      [2, 1],
      [2, 1],
      [0, 0],
    ]);
    const wide = tf.conv2d(spread, kernel.reverse([0, 1]), 1, "valid");
    const taps = tf.tensor1d([1, 3, 3, 1]).div<tf.Tensor1D>(4);
    const blur = tf
      .outerProduct(taps, taps)
      .reshape<tf.Tensor4D>([4, 4, 1, 1])
      .tile<tf.Tensor4D>([1, 1, 4, 1]);
    return tf.depthwiseConv2d(
      tf.pad4d(wide, [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ]),
      blur,
      1,
      "valid",
    );
  });
  near(y, expected, 1e-5);
  params.dispose();
});

/** Each pixel followed by a zero along both axes. */
function insertZeros(x: tf.Tensor4D): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  const rows = tf.stack([x, tf.zerosLike(x)], 2).reshape<tf.Tensor4D>([n, 2 * h, w, c]);
  return tf.stack([rows, tf.zerosLike(rows)], 3).reshape<tf.Tensor4D>([n, 2 * h, 2 * w, c]);
}

test("equals the same with one matrix a sample where the kernel is one pixel", () => {
  const params = new Params(Rng.fromSeed(4));
  const { x, w, scale } = batch();
  const layer = new ModulatedPointwise(params, { ...SHAPE, demodulate: true });
  const expected = oneByOne(
    params,
    (kernel) => kernel,
    (one, kernel) => tf.conv2d(one, kernel, 1, "same"),
  );
  near(layer.apply({ values: x, scale }, w), expected, 1e-5);
  near(layer.apply({ values: x, scale }, w, tf.scalar(3)), expected.mul(3), 1e-5);
  params.dispose();
});

test("divides by the root of the channels where it does not demodulate", () => {
  const params = new Params(Rng.fromSeed(4));
  const { x, w } = inputs(1);
  const layer = new ModulatedPointwise(params, { ...SHAPE, demodulate: false });
  const kernel = params.variables.get("kernel") as tf.Variable<tf.Rank.R4>;
  const modulated = x.mul<tf.Tensor4D>(overPixels(styleOf(params, w)));
  const expected = tf.conv2d(modulated, kernel.div<tf.Tensor4D>(Math.sqrt(3)), 1, "same");
  near(layer.apply({ values: x }, w.div(Math.sqrt(6))), expected, 1e-5);
  params.dispose();
});

test("agrees with finite differences in features, styles and scales", () => {
  const { x, w, scale } = batch();
  for (const padding of ["same", "full", { taps: [1, 3, 3, 1], size: 5 }] as const) {
    const params = new Params(Rng.fromSeed(4));
    const layer = new ModulatedConv(params, { ...SHAPE, kernelSize: 3, padding });
    const f = (...[a, b, c]: tf.Tensor[]) => {
      const values = layer.apply({ values: a as tf.Tensor4D, scale: c as tf.Tensor2D }, b as tf.Tensor2D);
      return features({ values: values.values, scale: values.norm.reciprocal() });
    };
    checkGradients(f, [x, w, scale], 1e-2);
    params.dispose();
  }
});

test("scales pixels with derivatives of any order", () => {
  const { x, scale } = batch();
  const plain = (a: tf.Tensor, b: tf.Tensor) => a.mul(b.reshape([2, 1, 1, 3]));
  const ours = (a: tf.Tensor, b: tf.Tensor) => scalePixels(a as tf.Tensor4D, b as tf.Tensor2D);
  const second = (map: typeof plain) =>
    tf.grads((a, b) => {
      const [da, db] = tf.grads((c, d) => map(c, d).square().mul(c))([a as tf.Tensor, b as tf.Tensor]);
      return tf.add(da?.square().sum() ?? 0, db?.square().sum() ?? 0);
    })([x, scale]);
  near(ours(x, scale), plain(x, scale), 1e-6);
  const [expected, actual] = [second(plain), second(ours)];
  actual.forEach((gradient, i) => {
    near(gradient, expected[i] ?? [], 1e-5);
  });
});

test("measures the magnitude of features with their scale", () => {
  // 1 2 | 3 4 as two channels of two pixels, scales 2 and 10: (4 + 36 + 400 + 1600) / 4 = 510.
  const values = tf.tensor4d([1, 2, 3, 4], [1, 1, 2, 2]);
  near(meanSquare({ values, scale: tf.tensor2d([[2, 10]]) }), [510], 1e-6);
  near(meanSquare({ values }), [7.5], 1e-6);
});

test.run();
