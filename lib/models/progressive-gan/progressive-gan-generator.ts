import * as tf from "../../backend/tf";
import type { GenerateOptions, Generator } from "../gan";
import { channelsAt, FIRST_RESOLUTION, growImage, LevelOfDetail, levelResolutions } from "../growing/growing";
import { SLOPE, type GrowingDiscriminatorConfig } from "../growing/growing-discriminator";
import { leakyRelu } from "../layers/activation";
import { addBias } from "../layers/bias";
import { EqualizedConv2d, EqualizedDense } from "../layers/equalized";
import { pixelNorm } from "../layers/pixel-norm";
import type { Params } from "../params";

/** Settings of both networks. The study's values: the defaults of `networks.py`, at 256 pixels. */
export interface ProgressiveGanConfig extends GrowingDiscriminatorConfig {
  /** Length of z; 512. */
  readonly latentSize: number;
  /**
   * Where the original resamples: within its convolutions (true, its default and the study's), or beside them
   * (false, the default of the PyTorch port). In the discriminator the rectifier then follows or precedes the
   * averaging; in the generator the two compute the same and differ in the kernels' orientation in files.
   */
  readonly fusedScale: boolean;
}

/**
 * The generator of progressive GAN: a pyramid of convolutions with pixel norm, and one layer to an image at each
 * resolution, between which it fades while it grows.
 *
 * @see Karras et al. 2018, arXiv 1710.10196, section 2 and table 2.
 */
export class ProgressiveGanGenerator implements Generator {
  readonly latentSize: number;
  readonly resolution: number;
  readonly imageChannels: number;
  private readonly lod: LevelOfDetail;
  private readonly first: FirstBlock;
  private readonly levels: readonly Level[];

  constructor(
    readonly params: Params,
    config: ProgressiveGanConfig,
  ) {
    const { latentSize, resolution, imageChannels } = config;
    this.latentSize = latentSize;
    this.resolution = resolution;
    this.imageChannels = imageChannels;
    const sides = levelResolutions(config);
    this.lod = new LevelOfDetail(params, sides.length);
    this.first = new FirstBlock(params.scope("block4"), latentSize, channelsAt(config, FIRST_RESOLUTION));
    this.levels = sides.map((side) => {
      const scope = params.scope(`block${side}`);
      const outChannels = channelsAt(config, side);
      return {
        block:
          side === FIRST_RESOLUTION ? undefined : new Block(scope, channelsAt(config, side / 2), outChannels),
        toImage: new EqualizedConv2d(scope.scope("toImage"), {
          inChannels: outChannels,
          outChannels: imageChannels,
          kernelSize: 1,
        }),
      };
    });
  }

  apply(z: tf.Tensor2D, options: GenerateOptions = {}): tf.Tensor4D {
    return tf.tidy(() =>
      growImage(this.levels, this.lod.split(options.lod), ({ block }, x) =>
        block === undefined || x === undefined ? this.first.apply(z) : block.apply(x),
      ),
    );
  }
}

interface Level {
  /** Undefined at the first level, which is made of z. */
  readonly block: Block | undefined;
  readonly toImage: EqualizedConv2d;
}

/** z to feature maps of 4x4 pixels. */
class FirstBlock {
  private readonly dense: EqualizedDense;
  private readonly bias: tf.Variable<tf.Rank.R1>; // [K]
  private readonly conv: EqualizedConv2d;

  constructor(
    params: Params,
    latentSize: number,
    private readonly channels: number,
  ) {
    this.dense = new EqualizedDense(params.scope("dense"), {
      inFeatures: latentSize,
      outFeatures: 16 * channels,
      gain: Math.SQRT2 / 4,
      bias: false,
    });
    this.bias = params.fill<tf.Rank.R1>("dense/bias", [channels], 0);
    this.conv = convolution(params.scope("conv"), channels, channels, "none");
  }

  /** @param z [N, D]. @returns [N, 4, 4, K]. */
  apply(z: tf.Tensor2D): tf.Tensor4D {
    const maps = this.dense.apply(pixelNorm(z)).reshape<tf.Tensor4D>([-1, 4, 4, this.channels]);
    const h = activate(addBias(maps, this.bias));
    return activate(this.conv.apply(h));
  }
}

/** Feature maps to those of twice the resolution. */
class Block {
  private readonly conv0: EqualizedConv2d;
  private readonly conv1: EqualizedConv2d;

  constructor(params: Params, inChannels: number, outChannels: number) {
    this.conv0 = convolution(params.scope("conv0"), inChannels, outChannels, "up");
    this.conv1 = convolution(params.scope("conv1"), outChannels, outChannels, "none");
  }

  /** @param x [N, H, W, C]. @returns [N, 2H, 2W, K]. */
  apply(x: tf.Tensor4D): tf.Tensor4D {
    return activate(this.conv1.apply(activate(this.conv0.apply(x))));
  }
}

function convolution(
  params: Params,
  inChannels: number,
  outChannels: number,
  resampling: "none" | "up",
): EqualizedConv2d {
  return new EqualizedConv2d(params, {
    inChannels,
    outChannels,
    kernelSize: 3,
    gain: Math.SQRT2,
    resampling,
  });
}

function activate(x: tf.Tensor4D): tf.Tensor4D {
  return pixelNorm(leakyRelu(x, SLOPE));
}
