import * as tf from "../../backend/tf";
import type { DiscriminateOptions, Discriminator } from "../gan";
import {
  channelsAt,
  FIRST_RESOLUTION,
  LevelOfDetail,
  levelResolutions,
  shrinkImage,
  type DiscriminatorLevel,
  type PyramidConfig,
} from "./growing";
import { leakyRelu } from "../layers/activation";
import { EqualizedConv2d, EqualizedDense } from "../layers/equalized";
import {
  minibatchStddev,
  minibatchStddevChannels,
  type MinibatchStddevConfig,
} from "../layers/minibatch-stddev";
import type { Params } from "../params";

/** Slope of every rectifier of progressive GAN and StyleGAN 1. */
export const SLOPE = 0.2;

/** What the discriminators of both families need to know. */
export interface GrowingDiscriminatorConfig extends PyramidConfig {
  readonly imageChannels: number;
  /** Samples compared with each other at 4x4 pixels; 4. 1 leaves the comparison out. */
  readonly minibatchStddevGroup: number;
}

/** The convolutions of one resolution: feature maps [N, H, W, C] to [N, H / 2, W / 2, K]. */
export interface HalvingBlock {
  apply(x: tf.Tensor4D): tf.Tensor4D;
}

/**
 * The discriminator that progressive GAN and StyleGAN 1 share but for the blocks that halve the resolution: a
 * pyramid with one layer from an image at each resolution, between which it fades while it grows.
 *
 * @see Karras et al. 2018, arXiv 1710.10196, section 2 and table 2.
 */
export class GrowingDiscriminator implements Discriminator {
  readonly sampleGroup: number;
  private readonly lod: LevelOfDetail;
  /** Finest first. */
  private readonly levels: readonly DiscriminatorLevel[];

  constructor(
    readonly params: Params,
    config: GrowingDiscriminatorConfig,
    makeBlock: (params: Params, inChannels: number, outChannels: number) => HalvingBlock,
  ) {
    const sides = levelResolutions(config).reverse();
    this.sampleGroup = config.minibatchStddevGroup;
    this.lod = new LevelOfDetail(params, sides.length);
    this.levels = sides.map((side) => {
      const scope = params.scope(`block${side}`);
      const channels = channelsAt(config, side);
      const fromImage = new EqualizedConv2d(scope.scope("fromImage"), {
        inChannels: config.imageChannels,
        outChannels: channels,
        kernelSize: 1,
        gain: Math.SQRT2,
      });
      const block =
        side === FIRST_RESOLUTION
          ? new LastBlock(scope, config)
          : makeBlock(scope, channels, channelsAt(config, side / 2));
      return {
        fromImage: (image) => leakyRelu(fromImage.apply(image), SLOPE),
        block: (x) => block.apply(x),
      };
    });
  }

  apply(image: tf.Tensor4D, options: DiscriminateOptions = {}): tf.Tensor2D {
    return tf.tidy(() => {
      const logits = shrinkImage(image, this.levels, this.lod.split(options.lod)); // [N, 1, 1, 1]
      return logits.reshape<tf.Tensor2D>([-1, 1]);
    });
  }
}

/** 4x4 pixels to a logit: minibatch standard deviation, a convolution, two fully connected layers. */
class LastBlock {
  private readonly stddev: MinibatchStddevConfig;
  private readonly conv: EqualizedConv2d;
  private readonly dense0: EqualizedDense;
  private readonly dense1: EqualizedDense;

  constructor(params: Params, config: GrowingDiscriminatorConfig) {
    const channels = channelsAt(config, FIRST_RESOLUTION);
    const features = channelsAt(config, FIRST_RESOLUTION / 2);
    this.stddev = { groupSize: config.minibatchStddevGroup, channels: 1 };
    this.conv = new EqualizedConv2d(params.scope("conv"), {
      inChannels: channels + minibatchStddevChannels(this.stddev),
      outChannels: channels,
      kernelSize: 3,
      gain: Math.SQRT2,
    });
    this.dense0 = new EqualizedDense(params.scope("dense0"), {
      inFeatures: channels * FIRST_RESOLUTION ** 2,
      outFeatures: features,
      gain: Math.SQRT2,
    });
    this.dense1 = new EqualizedDense(params.scope("dense1"), { inFeatures: features, outFeatures: 1 });
  }

  /** @param x [N, 4, 4, C]. @returns [N, 1, 1, 1]. */
  apply(x: tf.Tensor4D): tf.Tensor4D {
    const [samples] = x.shape;
    const h = leakyRelu(this.conv.apply(minibatchStddev(x, this.stddev)), SLOPE);
    const flat = h.reshape<tf.Tensor2D>([samples, h.size / samples]); // [N, 16 C]
    const logits = this.dense1.apply(leakyRelu(this.dense0.apply(flat), SLOPE));
    return logits.reshape([samples, 1, 1, 1]);
  }
}
