import type { Rng } from "../backend/rng";
import type * as tf from "../backend/tf";
import type { Params } from "./params";

/**
 * How style-based generators bend latents towards their mean: w' = mean + psi (w - mean).
 *
 * @see Karras et al. 2019, arXiv 1812.04948, appendix B.
 */
export interface Truncation {
  /** 1 leaves latents as they are; 0 gives the mean image. */
  readonly psi: number;
  /** How many layers, from the coarsest, are bent; all where null. */
  readonly layers: number | null;
}

/** Noise inputs: drawn anew, the network's own fixed noise images, zero, or given ones. */
export type NoiseInput = "random" | "constant" | "none" | GivenNoise;

/** Noise images in place of one of the network's fixed ones, N times as many values. */
export type GivenNoise = (fixed: tf.Variable) => tf.Tensor;

/**
 * How far a growing network has grown. The fade may be a tensor, for compiled functions, which would keep the
 * value of a number; then its two networks are blended even where it is 0.
 */
export interface Growth {
  /** How many of the finest levels are left out. */
  readonly whole: number;
  /** The share of the next coarser level in what the present one makes, 0 to 1. */
  readonly fade: number | tf.Scalar;
}

/** What one call of a generator may ask for. */
export interface GenerateOptions {
  /**
   * Level of detail of a growing network: 0 is the full resolution, 1 half of it; 1.3 is the image at half
   * resolution with 30 % of the one at a quarter. The image keeps its full size. Default: what was saved with
   * the network, 0 at first. Networks that do not grow pay no heed to it.
   */
  readonly lod?: number | Growth;
  /** Default: none. */
  readonly truncation?: Truncation;
  /** Default: "random" where `rng` is given, else "constant". */
  readonly noise?: NoiseInput;
  /** Random numbers of noise inputs and style mixing. */
  readonly rng?: Rng;
  /** Chance that a second latent takes over from a random layer on (style mixing), for training. Default 0. */
  readonly mixing?: number;
  /**
   * Moves running means (the mean style, magnitudes of signals) by what this batch shows. Only in a call
   * outside of a gradient; in training, that of the discriminator's step, as the references do. Default false.
   */
  readonly updateAverages?: boolean;
}

/** What one call of a mapping network may ask for. */
export type MappingOptions = Pick<GenerateOptions, "truncation" | "updateAverages">;

/** What one call of a synthesis network may ask for. */
export type SynthesisOptions = Pick<GenerateOptions, "lod" | "noise" | "rng" | "updateAverages">;

/** A network that makes images of normal draws. */
export interface Generator {
  /** Trained variables, and buffers: values that are saved and averaged but not trained. */
  readonly params: Params;
  readonly latentSize: number;
  /** Height and width of the images. */
  readonly resolution: number;
  readonly imageChannels: number;
  /**
   * @param z Standard normal draws, [N, D].
   * @returns Images, about [-1, 1], [N, H, W, C]; differentiable in the parameters.
   */
  apply(z: tf.Tensor2D, options?: GenerateOptions): tf.Tensor4D;
}

/** A generator in two parts: latents z to styles w, and styles to an image. */
export interface StyleGenerator extends Generator {
  /** Number of styles that an image takes: layers L. */
  readonly layerCount: number;
  /** Length of a style. */
  readonly styleSize: number;
  /** @param z [N, D]. @returns The styles w of every layer, [N, L, W]. */
  map(z: tf.Tensor2D, options?: MappingOptions): tf.Tensor3D;
  /** @param w [N, L, W]. @returns Images, [N, H, W, C]; differentiable in w, twice. */
  synthesize(w: tf.Tensor3D, options?: SynthesisOptions): tf.Tensor4D;
}

/** What one call of a discriminator may ask for. */
export type DiscriminateOptions = Pick<GenerateOptions, "lod">;

/** A network that tells real images from made ones. */
export interface Discriminator {
  readonly params: Params;
  /** Samples that it compares with each other: batches are as small, or a multiple of it. */
  readonly sampleGroup: number;
  /** @param image [N, H, W, C]. @returns Logits, above 0 for "real", [N, 1]; differentiable in the image, twice. */
  apply(image: tf.Tensor4D, options?: DiscriminateOptions): tf.Tensor2D;
}

/** The two networks that are trained against each other. */
export interface GanNetworks {
  readonly generator: Generator | StyleGenerator;
  readonly discriminator: Discriminator;
}
