import { withGradient } from "../../backend/custom-gradient";
import { nativeBackend, type NativeBackend } from "../../backend/native-ops";
import * as tf from "../../backend/tf";
import type { Params } from "../params";
import { leakyRelu } from "./activation";
import { addBias } from "./bias";
import { broadcast } from "./broadcast";
import { fusedNorm } from "./fused-norm";

/** As PyTorch's InstanceNorm2d, which the study's U-Net uses. */
const EPSILON = 1e-5;

/**
 * Instance normalisation with a trained scale and shift for each channel:
 * (x - mean) / sqrt(variance + 1e-5) * gamma + beta, mean and (biased) variance over H and W of each sample.
 *
 * @see Ulyanov et al. 2016, arXiv 1607.08022.
 */
export class InstanceNorm {
  private readonly gamma: tf.Variable<tf.Rank.R1>; // [C]
  private readonly beta: tf.Variable<tf.Rank.R1>; // [C]

  constructor(params: Params, channels: number) {
    this.gamma = params.fill<tf.Rank.R1>("gamma", [channels], 1);
    this.beta = params.fill<tf.Rank.R1>("beta", [channels], 0);
  }

  /** @param x [N, H, W, C]. @returns [N, H, W, C]; beta where H and W are 1. */
  apply(x: tf.Tensor4D): tf.Tensor4D {
    const [samples, , , channels] = x.shape;
    const each = (t: tf.Tensor1D) => broadcast<tf.Rank.R2>(t.expandDims(0), [samples, channels]);
    return tf.tidy(() => normaliseInstances(x, each(this.gamma), each(this.beta), EPSILON));
  }

  /**
   * The norm of leaky(x + bias), in one pass where possible.
   *
   * @param bias [C]. @param slope Of the rectifier.
   * @param narrowResult Whether the result may be in bfloat16, for a convolution that alone reads it.
   */
  applyRectified(x: tf.Tensor4D, bias: tf.Tensor1D, slope: number, narrowResult = false): tf.Tensor4D {
    return tf.tidy(() => {
      const row = (t: tf.Tensor1D) => t.expandDims<tf.Tensor2D>(0);
      const affine = { shift: row(bias), gain: row(this.gamma), offset: row(this.beta) };
      const config = {
        groups: this.gamma.size,
        epsilon: EPSILON,
        before: slope,
        after: "nothing",
        narrowResult,
      } as const;
      return fusedNorm(x, affine, config) ?? this.apply(leakyRelu(addBias(x, bias), slope));
    });
  }
}

/**
 * (x - mean) / sqrt(variance + epsilon) * gain + offset, mean and (biased) variance over H and W of each sample
 * and channel; differentiable once.
 *
 * @param x [N, H, W, C]. @param gain and @param offset [N, C]. @returns [N, H, W, C].
 */
export function normaliseInstances(
  x: tf.Tensor4D,
  gain: tf.Tensor2D,
  offset: tf.Tensor2D,
  epsilon: number,
): tf.Tensor4D {
  const native = nativeBackend();
  return native === undefined
    ? normalise(x, gain, offset, epsilon)
    : normaliseNative(native, x, gain, offset, epsilon);
}

/** Portable: a dozen passes over the image, forward and back. */
function normalise(x: tf.Tensor4D, gain: tf.Tensor2D, offset: tf.Tensor2D, epsilon: number): tf.Tensor4D {
  const spread = (t: tf.Tensor) => t.expandDims(1).expandDims(1); // [N, 1, 1, C]
  return withGradient(
    [x, gain, offset],
    () => {
      const centred = x.sub(x.mean([1, 2], true));
      const inverse = centred.square().mean([1, 2], true).add(epsilon).rsqrt(); // [N, 1, 1, C]
      const xhat = centred.mul<tf.Tensor4D>(inverse);
      return {
        value: xhat.mul(spread(gain)).add<tf.Tensor4D>(spread(offset)),
        saved: [xhat, inverse, gain],
      };
    },
    (dy, [xhat, inverse, scale]) => {
      if (!xhat || !inverse || !scale) throw new Error("instance norm saved no tensors");
      const product = dy.mul(xhat);
      const meanDy = dy.mean([1, 2], true);
      const meanProduct = product.mean([1, 2], true);
      const dx = dy
        .sub(meanDy)
        .sub(xhat.mul(meanProduct))
        .mul(inverse.mul(spread(scale)));
      return [dx, product.sum([1, 2]), dy.sum([1, 2])];
    },
  );
}

/**
 * The same by TensorFlow's fused batch normalisation, which is several times faster than a chain of small
 * operations: with samples and channels side by side, [HW, 1, 1, N * C], its statistics of each channel
 * are those of each sample and channel.
 */
function normaliseNative(
  native: NativeBackend,
  x: tf.Tensor4D,
  gain: tf.Tensor2D,
  offset: tf.Tensor2D,
  epsilon: number,
): tf.Tensor4D {
  const [samples, height, width, channels] = x.shape;
  const pixels = height * width;
  const wide: [number, number, number, number] = [pixels, 1, 1, samples * channels];
  const toWide = (t: tf.Tensor) =>
    t.reshape([samples, pixels, channels]).transpose([1, 0, 2]).reshape<tf.Tensor4D>(wide);
  const fromWide = (t: tf.Tensor) =>
    t.reshape([pixels, samples, channels]).transpose([1, 0, 2]).reshape<tf.Tensor4D>(x.shape);
  return withGradient(
    [x, gain, offset],
    () => {
      const turned = toWide(x);
      const scale = gain.flatten();
      const none = tf.zeros([0]); // running statistics: not read in training mode
      const inputs = [turned, scale, offset.flatten(), none, none];
      const [y, , , ...statistics] = runNorm(native, "FusedBatchNormV3", epsilon, inputs, 6);
      if (y === undefined) throw new Error("FusedBatchNormV3 gave no output");
      return { value: fromWide(y), saved: [turned, scale, ...statistics] };
    },
    (dy, saved) => {
      const inputs = [toWide(dy), ...saved];
      const [dx, dScale, dOffset] = runNorm(native, "FusedBatchNormGradV3", epsilon, inputs, 5);
      if (!dx || !dScale || !dOffset) throw new Error("FusedBatchNormGradV3 gave no output");
      const each = [samples, channels];
      return [fromWide(dx), dScale.reshape(each), dOffset.reshape(each)];
    },
  );
}

function runNorm(
  native: NativeBackend,
  name: string,
  epsilon: number,
  inputs: readonly tf.Tensor[],
  outputs: number,
): tf.Tensor[] {
  const { TF_ATTR_TYPE, TF_ATTR_FLOAT, TF_ATTR_STRING, TF_ATTR_BOOL, TF_FLOAT } = native.binding;
  const attributes = [
    { name: "T", type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: "U", type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: "epsilon", type: TF_ATTR_FLOAT, value: epsilon },
    { name: "data_format", type: TF_ATTR_STRING, value: "NHWC" },
    { name: "is_training", type: TF_ATTR_BOOL, value: true },
  ];
  return native.executeMultipleOutputs(name, attributes, inputs, outputs);
}
