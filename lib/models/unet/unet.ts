import * as tf from "../../backend/tf";
import { leakyRelu } from "../layers/activation";
import { resizeBilinear } from "../layers/bilinear";
import { Conv2d } from "../layers/convolution";
import { InstanceNorm } from "../layers/instance-norm";
import { maxPool2 } from "../layers/max-pooling";
import type { Params } from "../params";
import { outputSide } from "./unet-size";

/** Settings of the study's U-Net; its own values stand in STUDY_UNET. */
export interface UNetConfig {
  /** Channels of the images: the MR sequences. */
  readonly inChannels: number;
  /** Classes, background included. */
  readonly classes: number;
  /** Levels, the bottom one included. */
  readonly depth: number;
  /** Channels of the first level; every level below has twice as many. */
  readonly firstChannels: number;
  /** "valid" convolutions lose a margin (the study pads its images); "same" keep the size. */
  readonly padding: "same" | "valid";
}

/** The network as the study trained it: 116 million parameters, 636x636 in, 256x256 out. */
export const STUDY_UNET = {
  inChannels: 4,
  classes: 4,
  depth: 6,
  firstChannels: 64,
  padding: "valid",
} as const satisfies UNetConfig;

/** Slope of the rectifier for negative values, as in the study's code. */
const SLOPE = 0.01;

/**
 * The study's U-Net: two blocks of convolution, leaky rectifier and instance norm a level, max pooling
 * down, bilinear enlargement and 1x1 convolution up, and a linear head on every decoder level (deep
 * supervision).
 *
 * @see Ronneberger et al. 2015, arXiv 1505.04597; jvanvugt/pytorch-unet, which the study adapted.
 */
export class UNet {
  private readonly down: readonly ConvBlock[];
  private readonly up: readonly UpBlock[];
  private readonly heads: readonly Conv2d[];

  constructor(
    params: Params,
    readonly config: UNetConfig,
  ) {
    const { inChannels, classes, depth, padding } = config;
    const width = (level: number) => config.firstChannels * 2 ** level;
    const levels = Array.from({ length: depth }, (_, level) => level);
    const decoderLevels = levels.slice(0, -1).reverse(); // the deepest first
    this.down = levels.map(
      (level) =>
        new ConvBlock(params.scope(`down${level}`), {
          inChannels: level === 0 ? inChannels : width(level - 1),
          outChannels: width(level),
          padding,
        }),
    );
    this.up = decoderLevels.map(
      (level, i) => new UpBlock(params.scope(`up${i}`), { outChannels: width(level), padding }),
    );
    this.heads = decoderLevels.map(
      (level, i) =>
        new Conv2d(params.scope(`head${i}`), {
          inChannels: width(level),
          outChannels: classes,
          kernelSize: 1,
          bias: false,
        }),
    );
  }

  /**
   * @param image Normalised sequences, [N, H, W, C].
   * @returns Logits of each decoder level at the size of the largest, [N, H', W', classes], in the
   * reference's order: the prediction first, the deepest level last. H' = H with "same" padding.
   * @throws RangeError if the image is too small, or of a side that its levels cannot halve.
   */
  apply(image: tf.Tensor4D): tf.Tensor4D[] {
    const [, height, width] = image.shape;
    const size = [outputSide(this.config, height), outputSide(this.config, width)] as const;
    return tf.tidy(() =>
      this.decode(image)
        .map((features, i) => this.head(i, features, size))
        .reverse(),
    );
  }

  /** @returns The last level's logits alone, [N, H', W', classes]: what a prediction needs. */
  predict(image: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const features = this.decode(image);
      const last = features.length - 1;
      const [, height = 0, width = 0] = features[last]?.shape ?? [];
      return this.head(last, features[last], [height, width]);
    });
  }

  /**
   * What the encoder ends with, the bottom level, before its last normalisation: behind an instance norm every
   * image has the same means.
   *
   * @returns [N, h, w, firstChannels 2^(depth - 1)].
   */
  encode(image: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const bottom = this.down.at(-1);
      if (bottom === undefined) throw new Error("the network has no levels");
      const above = this.encoderLevels(image, this.down.slice(0, -1)).at(-1);
      return bottom.rectified(above === undefined ? image : maxPool2(above));
    });
  }

  /** Features of each encoder level, the bottom last. */
  private encoderLevels(image: tf.Tensor4D, blocks: readonly ConvBlock[] = this.down): tf.Tensor4D[] {
    const levels: tf.Tensor4D[] = [];
    blocks.forEach((block, level) => {
      const above = levels.at(-1) ?? image;
      levels.push(block.apply(level === 0 ? above : maxPool2(above)));
    });
    return levels;
  }

  /** Features of each decoder level, the deepest first. */
  private decode(image: tf.Tensor4D): tf.Tensor4D[] {
    const skips = this.encoderLevels(image);
    let x = skips.pop() ?? image; // the bottom is where the way up starts
    return this.up.map((block) => {
      const skip = skips.pop();
      if (skip === undefined) throw new Error("the network has fewer skip connections than levels");
      x = block.apply(x, skip);
      return x;
    });
  }

  /** Level `level` (0 the deepest) enlarged to the scale of the last, then cut to its size. */
  private head(
    level: number,
    features: tf.Tensor4D | undefined,
    size: readonly [number, number],
  ): tf.Tensor4D {
    const head = this.heads[level];
    if (head === undefined || features === undefined) throw new Error(`the network has no level ${level}`);
    const factor = 2 ** (this.heads.length - 1 - level);
    const [, height, width] = features.shape;
    return cropCentre(resizeBilinear(head.apply(features), [factor * height, factor * width]), size);
  }
}

interface BlockConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly padding: "same" | "valid";
}

/** Convolution 3x3, leaky rectifier, instance norm, twice. */
class ConvBlock {
  private readonly convs: readonly [Conv2d, Conv2d];
  private readonly norms: readonly [InstanceNorm, InstanceNorm];

  constructor(params: Params, { inChannels, outChannels, padding }: BlockConfig) {
    const conv = (i: number, channels: number): Conv2d =>
      new Conv2d(params.scope(`conv${i}`), { inChannels: channels, outChannels, kernelSize: 3, padding });
    const norm = (i: number): InstanceNorm => new InstanceNorm(params.scope(`norm${i}`), outChannels);
    const [conv0, norm0] = [conv(0, inChannels), norm(0)];
    const [conv1, norm1] = [conv(1, outChannels), norm(1)];
    this.convs = [conv0, conv1];
    this.norms = [norm0, norm1];
  }

  /** @param x [N, H, W, C]. @returns [N, H', W', K]. */
  apply(x: tf.Tensor4D): tf.Tensor4D {
    const [conv0, conv1] = this.convs;
    const first = this.norms[0].applyRectified(conv0.convolve(x, true), conv0.addend, SLOPE, true);
    return this.norms[1].applyRectified(conv1.convolve(first, true), conv1.addend, SLOPE);
  }

  /** As `apply`, without the last instance norm. */
  rectified(x: tf.Tensor4D): tf.Tensor4D {
    const [conv0, conv1] = this.convs;
    const first = this.norms[0].applyRectified(conv0.convolve(x, true), conv0.addend, SLOPE, true);
    return leakyRelu(conv1.apply(first), SLOPE);
  }
}

/** Doubles the size, halves the channels, joins the encoder's features and convolves. */
class UpBlock {
  private readonly conv: Conv2d;
  private readonly block: ConvBlock;

  constructor(params: Params, { outChannels, padding }: Omit<BlockConfig, "inChannels">) {
    const inChannels = 2 * outChannels;
    this.conv = new Conv2d(params.scope("conv"), { inChannels, outChannels, kernelSize: 1 });
    this.block = new ConvBlock(params.scope("block"), { inChannels, outChannels, padding });
  }

  /** @param x [N, H, W, 2K]. @param skip [N, >= 2H, >= 2W, K]. @returns [N, H', W', K]. */
  apply(x: tf.Tensor4D, skip: tf.Tensor4D): tf.Tensor4D {
    const [, height, width] = x.shape;
    // The reference enlarges first; a 1x1 convolution and an interpolation commute, and this is cheaper.
    const enlarged = resizeBilinear(this.conv.apply(x), [2 * height, 2 * width]); // [N, 2H, 2W, K]
    const cropped = cropCentre(skip, [2 * height, 2 * width]);
    return this.block.apply(tf.concat4d([enlarged, cropped], 3));
  }
}

/** The middle of an image. @param x [N, H, W, C]. @returns [N, size[0], size[1], C]. */
export function cropCentre(x: tf.Tensor4D, size: readonly [number, number]): tf.Tensor4D {
  const [samples, height, width, channels] = x.shape;
  if (height === size[0] && width === size[1]) return x;
  const corner: [number, number, number, number] = [0, (height - size[0]) >> 1, (width - size[1]) >> 1, 0];
  return tf.slice4d(x, corner, [samples, size[0], size[1], channels]);
}
