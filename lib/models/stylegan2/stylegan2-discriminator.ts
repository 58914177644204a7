import * as tf from "../../backend/tf";
import type { Discriminator } from "../gan";
import { channelsAt, levelResolutions, type PyramidConfig } from "../growing/growing";
import { leakyRelu } from "../layers/activation";
import { EqualizedDense } from "../layers/equalized";
import { FilteredConv } from "../layers/filtered-convolution";
import {
  minibatchStddev,
  minibatchStddevChannels,
  type MinibatchStddevConfig,
} from "../layers/minibatch-stddev";
import { UpFirDn } from "../layers/upfirdn";
import type { Params } from "../params";
import { RESAMPLING_TAPS, SLOPE, type Architecture } from "./stylegan2";

/** Settings of the network, in the reference's terms. */
export interface Stylegan2DiscriminatorConfig extends PyramidConfig {
  readonly imageChannels: number;
  /** How blocks are joined; the reference's default is "resnet". */
  readonly architecture: Architecture;
  /** Largest magnitude of a convolution's result: 256 in the reference, for its half precision; null for none. */
  readonly convClamp: number | null;
  /** Reference: groups of 4, 1 channel. */
  readonly minibatchStddev: MinibatchStddevConfig;
}

/**
 * The discriminator of StyleGAN 2, which StyleGAN 3 uses as well.
 *
 * @see Karras et al. 2020, arXiv 1912.04958, section 4.1; `Discriminator` of NVlabs' stylegan3.
 */
export class Stylegan2Discriminator implements Discriminator {
  readonly sampleGroup: number;
  private readonly blocks: readonly DiscriminatorBlock[];
  private readonly fromImage: FilteredConv | undefined;
  private readonly conv: FilteredConv;
  private readonly dense: EqualizedDense;
  private readonly out: EqualizedDense;

  constructor(
    readonly params: Params,
    private readonly config: Stylegan2DiscriminatorConfig,
  ) {
    const [coarsest = 0, ...finer] = levelResolutions(config);
    const channels = channelsAt(config, coarsest);
    this.sampleGroup = config.minibatchStddev.groupSize;
    this.blocks = finer
      .reverse()
      .map((size) => new DiscriminatorBlock(params.scope(`block${size}`), size, config));
    const epilogue = params.scope(`block${coarsest}`);
    if (config.architecture === "skip") this.fromImage = fromImageConv(epilogue, channels, config);
    this.conv = new FilteredConv(epilogue.scope("conv"), {
      inChannels: channels + minibatchStddevChannels(config.minibatchStddev),
      outChannels: channels,
      kernelSize: 3,
      activate: true,
      clamp: config.convClamp,
    });
    this.dense = new EqualizedDense(epilogue.scope("dense"), {
      inFeatures: channels * coarsest ** 2,
      outFeatures: channels,
      gain: Math.SQRT2,
      biasGain: Math.SQRT2,
    });
    this.out = new EqualizedDense(epilogue.scope("out"), { inFeatures: channels, outFeatures: 1 });
  }

  apply(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const start: Joined = { x: undefined, image };
      const { x, image: small } = this.blocks.reduce((joined, block) => block.apply(joined), start);
      const features = joinImage(x, small, this.fromImage);
      const y = this.conv.apply(minibatchStddev(features, this.config.minibatchStddev));
      const [samples] = y.shape;
      const dense = leakyRelu(this.dense.apply(y.reshape<tf.Tensor2D>([samples, -1])), SLOPE);
      return this.out.apply(dense); // [N, 1]
    });
  }
}

/** What goes from block to block: features, and the image itself where later blocks see it. */
interface Joined {
  readonly x: tf.Tensor4D | undefined;
  readonly image: tf.Tensor4D;
}

/** Two convolutions, the second of which halves the size, and a straight way beside them. */
class DiscriminatorBlock {
  private readonly fromImage: FilteredConv | undefined;
  private readonly conv0: FilteredConv;
  private readonly conv1: FilteredConv;
  private readonly skip: FilteredConv | undefined;
  private readonly shrink: UpFirDn | undefined;

  constructor(params: Params, size: number, config: Stylegan2DiscriminatorConfig) {
    const { architecture, convClamp: clamp, imageChannels, resolution } = config;
    const inChannels = channelsAt(config, size);
    const outChannels = channelsAt(config, size / 2);
    const halve = { taps: RESAMPLING_TAPS, size };
    if (size === resolution || architecture === "skip")
      this.fromImage = fromImageConv(params, inChannels, config);
    const same = { inChannels, outChannels: inChannels, kernelSize: 3, activate: true, clamp };
    this.conv0 = new FilteredConv(params.scope("conv0"), same);
    // Two branches of unit variance are added: each is scaled by the root of 1/2.
    const gain = architecture === "resnet" ? Math.SQRT1_2 : 1;
    this.conv1 = new FilteredConv(params.scope("conv1"), { ...same, outChannels, gain, halve });
    if (architecture === "resnet")
      this.skip = new FilteredConv(params.scope("skip"), {
        ...{ inChannels, outChannels, gain, halve, clamp: null },
        kernelSize: 1,
        activate: false,
      });
    if (architecture === "skip")
      this.shrink = new UpFirDn(params, {
        ...{ taps: RESAMPLING_TAPS.map((tap) => tap / 8), up: 1, down: 2, padding: [1, 1] },
        ...{ channels: imageChannels, size },
      });
  }

  apply({ x: before, image }: Joined): Joined {
    return tf.tidy(() => {
      const x = joinImage(before, image, this.fromImage);
      const y = this.conv1.apply(this.conv0.apply(x));
      return {
        x: this.skip === undefined ? y : y.add<tf.Tensor4D>(this.skip.apply(x)),
        image: this.shrink === undefined ? image : this.shrink.apply(image),
      };
    });
  }
}

/** Features of an image added to those of the block before, where there are any. */
function joinImage(
  x: tf.Tensor4D | undefined,
  image: tf.Tensor4D,
  fromImage: FilteredConv | undefined,
): tf.Tensor4D {
  const seen = fromImage?.apply(image);
  if (x === undefined) return seen ?? image;
  return seen === undefined ? x : x.add<tf.Tensor4D>(seen);
}

function fromImageConv(
  params: Params,
  outChannels: number,
  { imageChannels, convClamp }: Stylegan2DiscriminatorConfig,
): FilteredConv {
  return new FilteredConv(params.scope("fromImage"), {
    inChannels: imageChannels,
    outChannels,
    kernelSize: 1,
    activate: true,
    clamp: convClamp,
  });
}
