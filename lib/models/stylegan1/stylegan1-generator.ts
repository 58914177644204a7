import type { Rng } from "../../backend/rng";
import * as tf from "../../backend/tf";
import type { GenerateOptions, MappingOptions, NoiseInput, StyleGenerator, SynthesisOptions } from "../gan";
import { channelsAt, FIRST_RESOLUTION, growImage, LevelOfDetail, levelResolutions } from "../growing/growing";
import { SLOPE, type GrowingDiscriminatorConfig } from "../growing/growing-discriminator";
import { leakyRelu } from "../layers/activation";
import { Blur } from "../layers/blur";
import { broadcast } from "../layers/broadcast";
import { EqualizedConv2d, EqualizedDense } from "../layers/equalized";
import { normaliseInstances } from "../layers/instance-norm";
import { NoiseBias } from "../layers/noise-bias";
import { MappingNetwork, type MappingConfig } from "../layers/mapping-network";
import type { Params } from "../params";
import { mixedStyles } from "../layers/style-mixing";

/** Within the instance norm, as in the reference implementations. */
const EPSILON = 1e-8;

/** Settings of both networks. The study's values: the defaults of `networks_stylegan.py`, at 256 pixels. */
export interface Stylegan1Config extends GrowingDiscriminatorConfig {
  readonly mapping: MappingConfig;
}

/**
 * The generator of StyleGAN 1: a trained constant, and layers of convolution, noise, rectifier and instance norm
 * whose scale and shift come from the styles; it grows as progressive GAN does.
 *
 * @see Karras et al. 2019, arXiv 1812.04948, figure 1b.
 */
export class Stylegan1Generator implements StyleGenerator {
  readonly latentSize: number;
  readonly styleSize: number;
  readonly layerCount: number;
  readonly resolution: number;
  readonly imageChannels: number;
  private readonly lod: LevelOfDetail;
  private readonly mapping: MappingNetwork;
  private readonly levels: readonly Level[];

  constructor(
    readonly params: Params,
    config: Stylegan1Config,
  ) {
    const { resolution, imageChannels, mapping } = config;
    this.latentSize = mapping.latentSize;
    this.styleSize = mapping.styleSize;
    this.resolution = resolution;
    this.imageChannels = imageChannels;
    const sides = levelResolutions(config);
    this.layerCount = 2 * sides.length;
    this.lod = new LevelOfDetail(params, sides.length);
    this.mapping = new MappingNetwork(params.scope("mapping"), mapping, this.layerCount, 1);
    this.levels = sides.map((side, index) => {
      const scope = params.scope(`block${side}`);
      const outChannels = channelsAt(config, side);
      const inChannels = side === FIRST_RESOLUTION ? undefined : channelsAt(config, side / 2);
      return {
        index,
        block: new Block(scope, { side, inChannels, outChannels, styleSize: mapping.styleSize }),
        toImage: new EqualizedConv2d(scope.scope("toImage"), {
          inChannels: outChannels,
          outChannels: imageChannels,
          kernelSize: 1,
        }),
      };
    });
  }

  apply(z: tf.Tensor2D, options: GenerateOptions = {}): tf.Tensor4D {
    return tf.tidy(() => this.synthesize(mixedStyles(this, z, options), options));
  }

  map(z: tf.Tensor2D, options?: MappingOptions): tf.Tensor3D {
    return this.mapping.apply(z, options);
  }

  synthesize(w: tf.Tensor3D, options: SynthesisOptions = {}): tf.Tensor4D {
    const { rng, noise = rng === undefined ? "constant" : "random" } = options;
    return tf.tidy(() => {
      const styles = tf.unstack(w, 1) as tf.Tensor2D[]; // L of [N, W]
      return growImage(this.levels, this.lod.split(options.lod), ({ index, block }, x) => {
        const [first, second] = styles.slice(2 * index);
        if (first === undefined || second === undefined)
          throw new Error(`${styles.length} styles are too few for ${this.layerCount} layers`);
        return block.apply(x, { styles: [first, second], noise, rng: rng?.fork("noise", index) });
      });
    });
  }
}

interface Level {
  /** From the coarsest. */
  readonly index: number;
  readonly block: Block;
  readonly toImage: EqualizedConv2d;
}

/** What the layers of a block take beside their feature maps. */
interface BlockInput {
  readonly styles: readonly [tf.Tensor2D, tf.Tensor2D];
  readonly noise: NoiseInput;
  readonly rng: Rng | undefined;
}

interface BlockShape {
  readonly side: number;
  /** Undefined at the first level, which starts from a constant. */
  readonly inChannels: number | undefined;
  readonly outChannels: number;
  readonly styleSize: number;
}

/** Feature maps to those of twice the resolution; the first block makes its own. */
class Block {
  private readonly start: Constant | UpLayer;
  private readonly style0: StyledActivation;
  private readonly conv1: EqualizedConv2d;
  private readonly style1: StyledActivation;

  constructor(params: Params, shape: BlockShape) {
    const { inChannels, outChannels } = shape;
    this.start =
      inChannels === undefined
        ? new Constant(params, shape)
        : new UpLayer(params.scope("conv0"), inChannels, outChannels);
    this.style0 = new StyledActivation(params.scope(inChannels === undefined ? "constant" : "conv0"), shape);
    this.conv1 = new EqualizedConv2d(params.scope("conv1"), {
      inChannels: outChannels,
      outChannels,
      kernelSize: 3,
      gain: Math.SQRT2,
      bias: false,
    });
    this.style1 = new StyledActivation(params.scope("conv1"), shape);
  }

  /** @param x [N, H, W, C]; undefined in the first block. @returns [N, 2H, 2W, K]. */
  apply(x: tf.Tensor4D | undefined, { styles, noise, rng }: BlockInput): tf.Tensor4D {
    const [first, second] = styles;
    const start = this.start.apply(x, first.shape[0]);
    const h = this.style0.apply(start, first, noise, rng?.fork(0));
    return this.style1.apply(this.conv1.apply(h), second, noise, rng?.fork(1));
  }
}

/** The trained feature maps that every image starts from. */
class Constant {
  private readonly values: tf.Variable<tf.Rank.R4>; // [1, 4, 4, K]

  constructor(params: Params, { side, outChannels }: BlockShape) {
    this.values = params.fill<tf.Rank.R4>("constant/values", [1, side, side, outChannels], 1);
  }

  /** @returns [N, 4, 4, K]. */
  apply(_: undefined | tf.Tensor4D, samples: number): tf.Tensor4D {
    const [, ...shape] = this.values.shape;
    return broadcast<tf.Rank.R4>(this.values, [samples, ...shape]);
  }
}

/** Enlarges, convolves, blurs. */
class UpLayer {
  private readonly conv: EqualizedConv2d;
  private readonly blur: Blur;

  constructor(params: Params, inChannels: number, outChannels: number) {
    this.conv = new EqualizedConv2d(params, {
      inChannels,
      outChannels,
      kernelSize: 3,
      gain: Math.SQRT2,
      bias: false,
      resampling: "up",
    });
    this.blur = new Blur(params, outChannels);
  }

  /** @param x [N, H, W, C]. @returns [N, 2H, 2W, K]. */
  apply(x: tf.Tensor4D | undefined): tf.Tensor4D {
    if (x === undefined) throw new Error("only the first block starts without feature maps");
    return this.blur.apply(this.conv.apply(x));
  }
}

/** What follows each convolution: noise and bias, rectifier, instance norm, style. */
class StyledActivation {
  private readonly noiseBias: NoiseBias;
  private readonly affine: EqualizedDense;

  constructor(params: Params, { side, outChannels, styleSize }: BlockShape) {
    this.noiseBias = new NoiseBias(params, outChannels, side);
    this.affine = new EqualizedDense(params.scope("style"), {
      inFeatures: styleSize,
      outFeatures: 2 * outChannels,
    });
  }

  /** @param x [N, H, W, K]; @param w [N, W]. @returns [N, H, W, K]. */
  apply(x: tf.Tensor4D, w: tf.Tensor2D, noise: NoiseInput, rng: Rng | undefined): tf.Tensor4D {
    const h = leakyRelu(this.noiseBias.apply(x, noise, rng), SLOPE);
    const [scale, shift] = tf.split(this.affine.apply(w), 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    return normaliseInstances(h, scale.add(1), shift, EPSILON);
  }
}
