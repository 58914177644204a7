import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { averagePool, upsampleNearest } from "../../../lib/models/layers/box-resampling";
import {
  EqualizedConv2d,
  EqualizedDense,
  type EqualizedConv2dConfig,
} from "../../../lib/models/layers/equalized";
import { Params } from "../../../lib/models/params";
import { near } from "../../near";
import { checkGradients } from "./gradient-check";

const test = suite("equalized learning rate");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

const draw = <R extends tf.Rank>(seed: number, shape: tf.ShapeMap[R]) => Rng.fromSeed(seed).normal<R>(shape);

test("dense: weights of unit variance, scaled by the root of the fan in when used", () => {
  const params = new Params(Rng.fromSeed(1));
  const layer = new EqualizedDense(params, { inFeatures: 16, outFeatures: 3, gain: 2, initialBias: 1 });
  const x = draw<tf.Rank.R2>(2, [5, 16]);
  const kernel = params.variables.get("kernel") as tf.Variable<tf.Rank.R2>;
  near(
    layer.apply(x),
    x
      .matMul(kernel)
      .mul(2 / 4)
      .add(1),
    1e-6,
  );
  params.dispose();
});

test("dense: a multiplier changes the stored weights, not the first result", () => {
  const layers = [1, 0.01].map((learningRateMultiplier) => {
    const params = new Params(Rng.fromSeed(1));
    const config = { inFeatures: 8, outFeatures: 4, learningRateMultiplier, biasGain: 3 };
    return { params, layer: new EqualizedDense(params, config) };
  });
  const x = draw<tf.Rank.R2>(2, [5, 8]);
  const [plain, slow] = layers.map(({ layer }) => layer.apply(x).dataSync());
  near(slow ?? [], plain ?? [], 1e-5);
  const stored = layers.map(({ params }) => params.variables.get("kernel")?.dataSync()[0] ?? 0);
  near([(stored[1] ?? 0) / (stored[0] ?? 1)], [100], 1e-4);
  // A stored bias of one is added as biasGain times the multiplier.
  layers.forEach(({ params }) => params.variables.get("bias")?.assign(tf.ones([4])));
  near(
    layers[1]?.layer
      .apply(x)
      .flatten()
      .sub(slow ?? []) ?? [],
    new Float32Array(20).fill(0.03),
    1e-5,
  );
  layers.forEach(({ params }) => {
    params.dispose();
  });
});

function convolution(change: Partial<EqualizedConv2dConfig>): { params: Params; layer: EqualizedConv2d } {
  const params = new Params(Rng.fromSeed(1));
  const config = { inChannels: 3, outChannels: 4, kernelSize: 3, ...change };
  const layer = new EqualizedConv2d(params, config);
  params.variables.get("bias")?.assign(draw(3, [4]));
  return { params, layer };
}

/** The stored kernel as a plain convolution reads it, scaled. */
function plainKernel(params: Params, gain: number, resampling: string): tf.Tensor4D {
  const stored = params.variables.get("kernel") as tf.Variable<tf.Rank.R4>;
  const kernel = stored.mul<tf.Tensor4D>(gain / Math.sqrt(27));
  // Transposed convolutions run their kernels the other way.
  return resampling === "up" ? tf.reverse4d(kernel, [0, 1]).transpose([0, 1, 3, 2]) : kernel;
}

test("convolution: alone, after an enlargement, before an average", () => {
  for (const resampling of ["none", "up", "down"] as const) {
    const { params, layer } = convolution({ gain: Math.SQRT2, resampling });
    const x = draw<tf.Rank.R4>(2, [2, 6, 8, 3]);
    const kernel = plainKernel(params, Math.SQRT2, resampling);
    const wide = resampling === "up" ? upsampleNearest(x) : x;
    const y = tf.conv2d(wide, kernel, 1, "same");
    const expected = resampling === "down" ? averagePool(y) : y;
    near(layer.apply(x), expected.add(draw(3, [4])), 1e-5);
    params.dispose();
  }
});

test("convolution: can be differentiated, by image and kernel, and twice by the image", () => {
  for (const resampling of ["none", "up", "down"] as const) {
    const { params, layer } = convolution({ resampling });
    const x = draw<tf.Rank.R4>(2, [2, 4, 6, 3]);
    checkGradients((image) => layer.apply(image as tf.Tensor4D), [x], 1e-3);
    // The gradient of a gradient's size, through the kernel: linear layers make it quadratic in the kernel.
    const size = (image: tf.Tensor) =>
      tf
        .grad((at) => layer.apply(at as tf.Tensor4D).sum())(image)
        .square()
        .sum<tf.Scalar>();
    const kernel = params.variables.get("kernel") as tf.Variable;
    const { value, grads } = tf.variableGrads(() => size(x), [kernel]);
    near(grads[kernel.name]?.mul(kernel).sum() ?? [], value.mul(2), 1e-4);
    params.dispose();
  }
});

test("refuses to resample with other kernels than of side 3", () => {
  assert.throws(() => convolution({ kernelSize: 1, resampling: "up" }), /side 3/);
});

test.run();
