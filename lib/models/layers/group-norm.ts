import { withGradient } from "../../backend/custom-gradient";
import * as tf from "../../backend/tf";
import type { Params } from "../params";
import { fusedNorm } from "./fused-norm";
import { silu } from "./silu";

/** As PyTorch's GroupNorm, which guided-diffusion uses. */
const EPSILON = 1e-5;

/** What a group norm does beside normalising. */
export interface GroupNormContext {
  /** Added to x first: a bias, the timestep; [1 or N, C]. */
  readonly shift?: tf.Tensor2D | undefined;
  /** Scale and shift of each sample behind the norm, [N, C] each. */
  readonly modulation?: { readonly scale: tf.Tensor2D; readonly shift: tf.Tensor2D };
  /** What follows; default nothing. */
  readonly after?: "nothing" | "silu";
  /** Whether the result may be in bfloat16, for a convolution that alone reads it. Default false. */
  readonly narrowResult?: boolean;
}

export interface GroupNormConfig {
  readonly channels: number;
  /** Channels are normalised together in this many groups; divides `channels`. */
  readonly groups: number;
}

/**
 * Group normalisation, with an optional second scale and shift for each sample (guided-diffusion's
 * scale-shift norm): ((x - mean) / deviation * gamma + beta) (1 + scale) + shift.
 *
 * @see Wu and He 2018, arXiv 1803.08494; Dhariwal and Nichol 2021, arXiv 2105.05233, section 3.1.
 */
export class GroupNorm {
  private readonly gamma: tf.Variable<tf.Rank.R1>; // [C]
  private readonly beta: tf.Variable<tf.Rank.R1>; // [C]
  private readonly grouping: tf.Tensor2D; // [C, C]

  constructor(
    params: Params,
    private readonly config: GroupNormConfig,
  ) {
    const { channels, groups } = config;
    if (channels % groups !== 0) throw new RangeError(`${channels} channels cannot form ${groups} groups`);
    this.gamma = params.fill<tf.Rank.R1>("gamma", [channels], 1);
    this.beta = params.fill<tf.Rank.R1>("beta", [channels], 0);
    this.grouping = params.constant(() => groupingMatrix(channels, groups));
  }

  /** @param x [N, H, W, C]. @returns [N, H, W, C]. */
  apply(x: tf.Tensor4D, context: GroupNormContext = {}): tf.Tensor4D {
    const { shift, modulation, after = "nothing", narrowResult = false } = context;
    return tf.tidy(() => {
      const { channels, groups } = this.config;
      let gain = this.gamma.reshape<tf.Tensor2D>([1, channels]); // [1 or N, C]
      let offset = this.beta.reshape<tf.Tensor2D>([1, channels]);
      if (modulation !== undefined) {
        const factor = modulation.scale.add(1);
        gain = factor.mul(gain);
        offset = factor.mul(offset).add(modulation.shift);
      }
      const affine = { shift: shift ?? tf.zeros<tf.Rank.R2>([1, channels]), gain, offset };
      const fused = fusedNorm(x, affine, { groups, epsilon: EPSILON, before: 1, after, narrowResult });
      if (fused !== undefined) return fused;
      const spread = (t: tf.Tensor2D) => t.expandDims<tf.Tensor3D>(1);
      const shifted = shift === undefined ? x : x.add<tf.Tensor4D>(shift.expandDims(1).expandDims(1));
      const normed = normalise(shifted, spread(gain), spread(offset), this.grouping);
      return after === "silu" ? silu(normed) : normed;
    });
  }
}

/** A matrix that replaces each channel's value by the mean over its group, [C, C]. */
function groupingMatrix(channels: number, groups: number): tf.Tensor2D {
  const width = channels / groups;
  const member = (i: number, j: number) => (Math.floor(i / width) === Math.floor(j / width) ? 1 / width : 0);
  const values = Float32Array.from({ length: channels ** 2 }, (_, k) =>
    member(Math.floor(k / channels), k % channels),
  );
  return tf.tensor2d(values, [channels, channels]);
}

/**
 * (x - mean) / deviation * gain + offset as one operation with its own gradient instead of a chain of a dozen
 * small ones. The mean is taken before the squares, and sums in two stages: one long sum in float32, or
 * squares of values that are not centred, would lose a digit.
 *
 * @param x [N, H, W, C]; @param gain and @param offset [N or 1, 1, C]; @param grouping [C, C].
 */
function normalise(x: tf.Tensor4D, gain: tf.Tensor, offset: tf.Tensor, grouping: tf.Tensor2D): tf.Tensor4D {
  const [samples, height, width, channels] = x.shape;
  const pixels = height * width;
  // Group means of a value per channel: [N, 1, C] -> [N, 1, C].
  const groupMean = (sums: tf.Tensor) =>
    sums
      .reshape<tf.Tensor2D>([samples, channels])
      .matMul(grouping)
      .div(pixels)
      .reshape<tf.Tensor3D>([samples, 1, channels]);
  return withGradient<tf.Tensor4D>(
    [x, gain, offset],
    () => {
      const flat = x.reshape<tf.Tensor3D>([samples, pixels, channels]);
      const mean = groupMean(pixelSums(x, x.shape));
      const variance = groupMean(pixelSums(tf.squaredDifference(flat, mean), x.shape));
      const inverse = variance.add(EPSILON).rsqrt(); // 1 / deviation, [N, 1, C]
      const slope = inverse.mul(gain);
      const value = flat.mul(slope).add(offset.sub(mean.mul(slope)));
      return { value: value.reshape(x.shape), saved: [flat, mean, inverse, gain, offset] };
    },
    (dy, saved) => {
      const sums = (t: tf.Tensor) => pixelSums(t, x.shape);
      const [dFlat, dGain, dOffset] = normaliseGradient(
        dy.reshape([samples, pixels, channels]),
        saved,
        sums,
        groupMean,
      );
      return [dFlat.reshape(x.shape), dGain, dOffset];
    },
  );
}

/** Sums over the pixels, rows first (as a product with ones: the fastest way), [N, 1, C]. */
function pixelSums(t: tf.Tensor, [samples, height, width, channels]: tf.Tensor4D["shape"]): tf.Tensor {
  const rows = tf.matMul(tf.ones([1, 1, width]), t.reshape([samples * height, width, channels]));
  return rows.reshape([samples, height, channels]).sum(1, true);
}

/** Gradients with respect to the flat image [N, HW, C], the gain and the offset. */
function normaliseGradient(
  dy: tf.Tensor,
  [flat, mean, inverse, gain, offset]: readonly tf.Tensor[],
  sums: (t: tf.Tensor) => tf.Tensor,
  groupMean: (sums: tf.Tensor) => tf.Tensor,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  if (!flat || !mean || !inverse || !gain || !offset) throw new Error("group norm saved no tensors");
  const dOffset = sums(dy); // [N, 1, C]
  // Sum of dy times the normalised image, from sums of dy x and dy.
  const dGain = sums(dy.mul(flat)).sub(mean.mul(dOffset)).mul(inverse);
  const alongMean = groupMean(dOffset.mul(gain));
  const alongSpread = groupMean(dGain.mul(gain));
  // dx = (dy gain - alongMean - xhat alongSpread) / deviation, gathered as dy p + x q + r.
  const p = gain.mul(inverse);
  const q = alongSpread.mul(inverse.square()).neg();
  const r = alongMean.mul(inverse).add(q.mul(mean)).neg();
  const dx = dy.mul(p).add(flat.mul(q)).add(r);
  return [dx, sumToShape(dGain, gain), sumToShape(dOffset, offset)];
}

/** Adds up what a broadcast spread over the samples. */
function sumToShape(gradient: tf.Tensor, target: tf.Tensor): tf.Tensor {
  return target.shape[0] === gradient.shape[0] ? gradient : gradient.sum(0, true);
}
