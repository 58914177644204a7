import * as tf from "../../backend/tf";
import { AttentionBlock } from "../layers/attention";
import { Conv2d } from "../layers/convolution";
import { Dense } from "../layers/dense";
import { GroupNorm } from "../layers/group-norm";
import { upsampleNearest } from "../layers/box-resampling";
import { silu } from "../layers/silu";
import { timestepEmbedding } from "../layers/timestep-embedding";
import type { Params } from "../params";

/** A network that predicts the noise in noisy images. */
export interface Denoiser {
  /**
   * @param xt Noisy images, about [-1, 1] plus noise, [N, H, W, C].
   * @param timesteps Step numbers of the full noise schedule, [N].
   * @returns The predicted noise, [N, H, W, C] (twice the channels where the variance is learned).
   */
  apply(xt: tf.Tensor4D, timesteps: tf.Tensor1D): tf.Tensor4D;
}

/** Settings of the network, in guided-diffusion's terms. */
export interface DiffusionUNetConfig {
  /** Channels of the images. */
  readonly imageChannels: number;
  /** Channels of the result: as the images, or twice as many with a learned variance. */
  readonly outChannels: number;
  /** Channels of the first level (`num_channels`). */
  readonly baseChannels: number;
  /** Channels of each level, as multiples of the first (`channel_mult`). */
  readonly channelMultipliers: readonly number[];
  /** Residual blocks of each level on the way down; one more on the way up. */
  readonly blocksPerLevel: number;
  /** Downsampling factors at which attention follows each residual block. */
  readonly attentionFactors: readonly number[];
  readonly heads: number;
  /** Scale and shift by the timestep after the second norm, instead of adding before it. */
  readonly scaleShiftNorm: boolean;
  /** Groups of every group normalisation; guided-diffusion: 32. */
  readonly normGroups: number;
}

/** What follows a norm that stands before a convolution. */
const RECTIFIED = { after: "silu", narrowResult: true } as const;

/**
 * The U-Net of guided-diffusion (dropout 0, convolutional resampling), unconditional.
 *
 * @see Dhariwal and Nichol 2021, arXiv 2105.05233, section 3; `UNetModel` of the code.
 */
export class DiffusionUNet implements Denoiser {
  private readonly time: readonly [Dense, Dense];
  private readonly input: Conv2d;
  private readonly down: readonly Stage[];
  private readonly middle: readonly [ResidualBlock, AttentionBlock, ResidualBlock];
  private readonly up: readonly Stage[];
  private readonly outNorm: GroupNorm;
  private readonly outConv: Conv2d;

  constructor(
    params: Params,
    private readonly config: DiffusionUNetConfig,
  ) {
    const { baseChannels, imageChannels, outChannels } = config;
    const embedding = 4 * baseChannels;
    this.time = [
      new Dense(params.scope("time0"), { inFeatures: baseChannels, outFeatures: embedding }),
      new Dense(params.scope("time1"), { inFeatures: embedding, outFeatures: embedding }),
    ];
    this.input = new Conv2d(params.scope("input"), {
      inChannels: imageChannels,
      outChannels: baseChannels,
      kernelSize: 3,
    });
    const plan = planStages(config);
    this.down = plan.down.map((stage, i) => new Stage(params.scope(`down${i}`), stage, config));
    this.middle = [
      new ResidualBlock(params.scope("middle/block0"), plan.bottom, plan.bottom, config),
      new AttentionBlock(params.scope("middle/attention"), attentionConfig(plan.bottom, config)),
      new ResidualBlock(params.scope("middle/block1"), plan.bottom, plan.bottom, config),
    ];
    this.up = plan.up.map((stage, i) => new Stage(params.scope(`up${i}`), stage, config));
    this.outNorm = new GroupNorm(params.scope("out/norm"), { channels: plan.top, groups: config.normGroups });
    this.outConv = new Conv2d(params.scope("out/conv"), {
      inChannels: plan.top,
      outChannels,
      kernelSize: 3,
      initialScale: 0,
    });
  }

  apply(xt: tf.Tensor4D, timesteps: tf.Tensor1D): tf.Tensor4D {
    return tf.tidy(() => {
      const [time0, time1] = this.time;
      const embedding = time1.apply(
        silu(time0.apply(timestepEmbedding(timesteps, this.config.baseChannels))),
      ); // [N, D]
      const active = silu(embedding); // every block starts with this SiLU: taken once

      let h = this.input.apply(xt);
      const skips = [h];
      for (const stage of this.down) {
        h = stage.apply(h, active);
        skips.push(h);
      }
      const [block0, attention, block1] = this.middle;
      h = block1.apply(attention.apply(block0.apply(h, active)), active);
      for (const stage of this.up) {
        const skip = skips.pop();
        if (skip === undefined) throw new Error("the network has fewer skip connections than stages");
        h = stage.apply(tf.concat4d([h, skip], 3), active);
      }
      return this.outConv.apply(this.outNorm.apply(h, RECTIFIED));
    });
  }
}

/** What one stage does, in order: a residual block (none in a pure downsampling), attention, resampling. */
export interface StagePlan {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly residual: boolean;
  readonly attention: boolean;
  readonly resampling: "none" | "down" | "up";
}

/** The stages on the way down and up, in the order of the reference's input and output blocks. */
export function planStages(config: DiffusionUNetConfig): {
  readonly down: readonly StagePlan[];
  readonly up: readonly StagePlan[];
  readonly bottom: number;
  readonly top: number;
} {
  const { baseChannels, channelMultipliers, blocksPerLevel, attentionFactors } = config;
  const down: StagePlan[] = [];
  const up: StagePlan[] = [];
  const skips = [baseChannels];
  let channels = baseChannels;
  const lastLevel = channelMultipliers.length - 1;
  channelMultipliers.forEach((multiplier, level) => {
    const attention = attentionFactors.includes(2 ** level);
    const outChannels = multiplier * baseChannels;
    for (let block = 0; block < blocksPerLevel; block++) {
      down.push({ inChannels: channels, outChannels, residual: true, attention, resampling: "none" });
      skips.push((channels = outChannels));
    }
    if (level === lastLevel) return;
    down.push({
      inChannels: channels,
      outChannels: channels,
      residual: false,
      attention: false,
      resampling: "down",
    });
    skips.push(channels);
  });
  const bottom = channels;
  for (let level = lastLevel; level >= 0; level--) {
    const attention = attentionFactors.includes(2 ** level);
    const outChannels = (channelMultipliers[level] ?? 1) * baseChannels;
    for (let block = 0; block <= blocksPerLevel; block++) {
      const resampling = level > 0 && block === blocksPerLevel ? "up" : "none";
      const inChannels = channels + (skips.pop() ?? 0);
      up.push({ inChannels, outChannels, residual: true, attention, resampling });
      channels = outChannels;
    }
  }
  return { down, up, bottom, top: channels };
}

class Stage {
  private readonly block: ResidualBlock | undefined;
  private readonly attention: AttentionBlock | undefined;
  private readonly resample: Conv2d | undefined;

  constructor(
    params: Params,
    private readonly plan: StagePlan,
    config: DiffusionUNetConfig,
  ) {
    const { inChannels, outChannels, residual, attention, resampling } = plan;
    if (residual) this.block = new ResidualBlock(params.scope("block"), inChannels, outChannels, config);
    if (attention)
      this.attention = new AttentionBlock(params.scope("attention"), attentionConfig(outChannels, config));
    if (resampling !== "none")
      this.resample = new Conv2d(params.scope("resample"), {
        inChannels: outChannels,
        outChannels,
        kernelSize: 3,
        stride: resampling === "down" ? 2 : 1,
      });
  }

  /** @param x [N, H, W, C]; @param embedding Activated timestep embedding, [N, D]. */
  apply(x: tf.Tensor4D, embedding: tf.Tensor2D): tf.Tensor4D {
    let h = this.block?.apply(x, embedding) ?? x;
    h = this.attention?.apply(h) ?? h;
    if (this.resample === undefined) return h;
    return this.resample.apply(this.plan.resampling === "up" ? upsampleNearest(h) : h);
  }
}

/** Norm, SiLU, convolution, twice, with the timestep between them and the input added at the end. */
class ResidualBlock {
  private readonly norm0: GroupNorm;
  private readonly conv0: Conv2d;
  private readonly time: Dense;
  private readonly norm1: GroupNorm;
  private readonly conv1: Conv2d;
  private readonly skip: Conv2d | undefined;

  constructor(
    params: Params,
    inChannels: number,
    private readonly outChannels: number,
    private readonly config: DiffusionUNetConfig,
  ) {
    const { normGroups: groups, scaleShiftNorm, baseChannels } = config;
    this.norm0 = new GroupNorm(params.scope("norm0"), { channels: inChannels, groups });
    this.conv0 = new Conv2d(params.scope("conv0"), { inChannels, outChannels, kernelSize: 3 });
    const timeFeatures = scaleShiftNorm ? 2 * outChannels : outChannels;
    this.time = new Dense(params.scope("time"), { inFeatures: 4 * baseChannels, outFeatures: timeFeatures });
    this.norm1 = new GroupNorm(params.scope("norm1"), { channels: outChannels, groups });
    this.conv1 = new Conv2d(params.scope("conv1"), {
      inChannels: outChannels,
      outChannels,
      kernelSize: 3,
      initialScale: 0,
    });
    if (inChannels !== outChannels)
      this.skip = new Conv2d(params.scope("skip"), { inChannels, outChannels, kernelSize: 1 });
  }

  /** @param x [N, H, W, C]; @param embedding Activated timestep embedding, [N, D]. @returns [N, H, W, K]. */
  apply(x: tf.Tensor4D, embedding: tf.Tensor2D): tf.Tensor4D {
    const h = this.conv0.convolve(this.norm0.apply(x, RECTIFIED), true);
    const y = this.conv1.apply(this.modulate(h, this.time.apply(embedding)));
    return (this.skip?.apply(x) ?? x).add<tf.Tensor4D>(y);
  }

  /** @param h The first convolution without its bias. @returns SiLU of the second norm. */
  private modulate(h: tf.Tensor4D, time: tf.Tensor2D): tf.Tensor4D {
    const bias = this.conv0.addend.expandDims<tf.Tensor2D>(0);
    if (!this.config.scaleShiftNorm)
      return this.norm1.apply(h, { shift: time.add<tf.Tensor2D>(bias), ...RECTIFIED });
    const [scale, shift] = tf.split(time, [this.outChannels, this.outChannels], 1) as [
      tf.Tensor2D,
      tf.Tensor2D,
    ];
    return this.norm1.apply(h, { shift: bias, modulation: { scale, shift }, ...RECTIFIED });
  }
}

function attentionConfig(
  channels: number,
  config: DiffusionUNetConfig,
): { channels: number; heads: number; groups: number } {
  return { channels, heads: config.heads, groups: config.normGroups };
}
