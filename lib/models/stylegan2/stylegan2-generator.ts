import * as tf from "../../backend/tf";
import type { GenerateOptions, MappingOptions, StyleGenerator, SynthesisOptions } from "../gan";
import { channelsAt, levelResolutions, type PyramidConfig } from "../growing/growing";
import { clampMagnitude } from "../layers/activation";
import { EqualizedConv2d } from "../layers/equalized";
import { unitStyles } from "../layers/modulated-convolution";
import { ModulatedPointwise } from "../layers/modulated-pointwise";
import { features, type ScaledFeatures } from "../layers/scaled-features";
import { StyledConv } from "../layers/styled-convolution";
import { UpFirDn } from "../layers/upfirdn";
import { MappingNetwork, type MappingConfig } from "../layers/mapping-network";
import type { Params } from "../params";
import { mixedStyles } from "../layers/style-mixing";
import { RESAMPLING_TAPS, type Architecture } from "./stylegan2";

/** Settings of the network, in the reference's terms. */
export interface Stylegan2GeneratorConfig extends PyramidConfig {
  readonly imageChannels: number;
  readonly mapping: MappingConfig;
  /** The reference's default is "skip". */
  readonly architecture: Architecture;
  /** Whether each convolution has a noise input (`use_noise`); reference: yes. */
  readonly noiseInputs: boolean;
  /** Largest magnitude of a convolution's result: 256 in the reference, for its half precision; null for none. */
  readonly convClamp: number | null;
}

/**
 * The generator of StyleGAN 2.
 *
 * @see Karras et al. 2020, arXiv 1912.04958; `Generator` of NVlabs' stylegan3, networks_stylegan2.
 */
export class Stylegan2Generator implements StyleGenerator {
  readonly latentSize: number;
  readonly styleSize: number;
  readonly resolution: number;
  readonly imageChannels: number;
  readonly layerCount: number;
  private readonly mapping: MappingNetwork;
  private readonly blocks: readonly SynthesisBlock[];

  constructor(
    readonly params: Params,
    config: Stylegan2GeneratorConfig,
  ) {
    const resolutions = levelResolutions(config);
    this.latentSize = config.mapping.latentSize;
    this.styleSize = config.mapping.styleSize;
    this.resolution = config.resolution;
    this.imageChannels = config.imageChannels;
    this.layerCount = 2 * resolutions.length;
    this.mapping = new MappingNetwork(params.scope("mapping"), config.mapping, this.layerCount, Math.SQRT2);
    this.blocks = resolutions.map((size) => new SynthesisBlock(params.scope(`block${size}`), size, config));
  }

  apply(z: tf.Tensor2D, options: GenerateOptions = {}): tf.Tensor4D {
    return tf.tidy(() => this.synthesize(mixedStyles(this, z, options), options));
  }

  map(z: tf.Tensor2D, options: MappingOptions = {}): tf.Tensor3D {
    return this.mapping.apply(z, options);
  }

  synthesize(w: tf.Tensor3D, options: SynthesisOptions = {}): tf.Tensor4D {
    return tf.tidy(() => {
      const styles = unitStyles(w); // L of [N, W]
      let joined: Joined = { x: undefined, image: undefined };
      let next = 0;
      for (const block of this.blocks) {
        joined = block.apply(joined, styles.slice(next), options);
        next += block.convolutions;
      }
      if (joined.image === undefined) throw new Error("the last block gave no image");
      return joined.image;
    });
  }
}

/** What goes from block to block. */
interface Joined {
  readonly x: ScaledFeatures | undefined;
  readonly image: tf.Tensor4D | undefined;
}

/** The layers of one resolution: a constant and one convolution at the coarsest, else two convolutions. */
class SynthesisBlock {
  private readonly constant: tf.Variable<tf.Rank.R4> | undefined; // [1, 4, 4, C]
  private readonly convs: readonly StyledConv[];
  private readonly skip: EnlargingSkip | undefined;
  private readonly toImage: ToImage | undefined;
  private readonly enlarge: UpFirDn | undefined;

  constructor(
    params: Params,
    private readonly size: number,
    config: Stylegan2GeneratorConfig,
  ) {
    const { architecture, resolution, imageChannels } = config;
    const [coarsest] = levelResolutions(config);
    const first = size === coarsest;
    const outChannels = channelsAt(config, size);
    const inChannels = first ? outChannels : channelsAt(config, size / 2);
    const residual = architecture === "resnet" && !first;
    if (first) this.constant = params.normal<tf.Rank.R4>("constant", [1, size, size, outChannels]);
    this.convs = styledConvs(params, size, config, { inChannels, outChannels, first, residual });
    if (residual) this.skip = new EnlargingSkip(params.scope("skip"), inChannels, outChannels, size / 2);
    if (size === resolution || architecture === "skip")
      this.toImage = new ToImage(params.scope("toImage"), outChannels, config);
    if (architecture === "skip" && !first) this.enlarge = doubling(params, imageChannels, size / 2);
  }

  /** Number of styles that the convolutions take; the image takes that of the next block's first. */
  get convolutions(): number {
    return this.convs.length;
  }

  apply(
    { x: before, image: smaller }: Joined,
    styles: readonly tf.Tensor2D[],
    options: SynthesisOptions,
  ): Joined {
    const input: ScaledFeatures | undefined =
      this.constant === undefined ? before : { values: this.constant };
    if (input === undefined) throw new Error("only the first block makes its own input");
    let x = this.convs.reduce((h, conv, i) => {
      const rng = options.rng?.fork("noise", this.size, i);
      const noise = options.noise ?? (rng === undefined ? "constant" : "random");
      return conv.apply(h, styleAt(styles, i), noise, rng);
    }, input);
    if (this.skip !== undefined)
      x = { values: features(x).add<tf.Tensor4D>(this.skip.apply(features(input))) };
    const larger = smaller === undefined ? undefined : this.enlarge?.apply(smaller);
    const own = this.toImage?.apply(x, styleAt(styles, this.convs.length));
    const image = larger === undefined || own === undefined ? own : larger.add<tf.Tensor4D>(own);
    return { x, image };
  }
}

function styleAt(styles: readonly tf.Tensor2D[], index: number): tf.Tensor2D {
  const style = styles[index];
  if (style === undefined) throw new RangeError("there are fewer styles than layers");
  return style;
}

function styledConvs(
  params: Params,
  size: number,
  { mapping, noiseInputs: noise, convClamp: clamp }: Stylegan2GeneratorConfig,
  block: {
    readonly inChannels: number;
    readonly outChannels: number;
    readonly first: boolean;
    readonly residual: boolean;
  },
): StyledConv[] {
  const { inChannels, outChannels, first, residual } = block;
  const shared = { outChannels, styleSize: mapping.styleSize, resolution: size, noise, clamp };
  const conv1 = new StyledConv(params.scope("conv1"), {
    ...shared,
    inChannels: outChannels,
    // Two branches of unit variance are added: each is scaled by the root of 1/2.
    gain: residual ? Math.SQRT1_2 : 1,
  });
  if (first) return [conv1];
  return [new StyledConv(params.scope("conv0"), { ...shared, inChannels, double: RESAMPLING_TAPS }), conv1];
}

/** The image of a block from its features: a modulated map of single pixels, not demodulated. */
class ToImage {
  private readonly map: ModulatedPointwise;
  private readonly bias: tf.Variable<tf.Rank.R1>; // [C]
  private readonly clamp: number | null;

  constructor(params: Params, inChannels: number, config: Stylegan2GeneratorConfig) {
    const { imageChannels, mapping, convClamp } = config;
    this.map = new ModulatedPointwise(params, {
      inChannels,
      outChannels: imageChannels,
      styleSize: mapping.styleSize,
      demodulate: false,
    });
    this.bias = params.fill<tf.Rank.R1>("bias", [imageChannels], 0);
    this.clamp = convClamp;
  }

  /** @param x [N, H, W, C]. @param w [N, W]. @returns [N, H, W, image channels]. */
  apply(x: ScaledFeatures, w: tf.Tensor2D): tf.Tensor4D {
    const image = this.map.apply(x, w).add<tf.Tensor4D>(this.bias);
    return this.clamp === null ? image : clampMagnitude(image, this.clamp);
  }
}

/** The straight way beside a block: a linear map of each pixel, then twice the size. */
class EnlargingSkip {
  private readonly conv: EqualizedConv2d;
  private readonly enlarge: UpFirDn;

  constructor(params: Params, inChannels: number, outChannels: number, size: number) {
    this.conv = new EqualizedConv2d(params, {
      ...{ inChannels, outChannels, kernelSize: 1, bias: false },
      gain: Math.SQRT1_2,
    });
    this.enlarge = doubling(params, outChannels, size);
  }

  apply(x: tf.Tensor4D): tf.Tensor4D {
    return this.enlarge.apply(this.conv.apply(x));
  }
}

/** Twice the size by the low-pass filter; `size` is that before. */
function doubling(params: Params, channels: number, size: number): UpFirDn {
  const sum = RESAMPLING_TAPS.reduce((total, tap) => total + tap, 0);
  // The zeros between the pixels halve the mean along each axis.
  const taps = RESAMPLING_TAPS.map((tap) => (2 * tap) / sum);
  return new UpFirDn(params, { taps, up: 2, down: 1, padding: [2, 1], channels, size });
}
