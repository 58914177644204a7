import * as tf from "../../backend/tf";
import type { Growth } from "../gan";
import { averagePool, upsampleNearest } from "../layers/box-resampling";
import type { Params } from "../params";

/** Resolution of the coarsest level of every growing network. */
export const FIRST_RESOLUTION = 4;

/** Where a growing network keeps its level of detail. */
const LOD_PATH = "lod";

/** How wide a network is at each resolution, and how far it goes. */
export interface PyramidConfig {
  /** Height and width of the images: a power of two, 8 or more. */
  readonly resolution: number;
  /** Channels at a resolution r: channelBase / r, at most channelMax. */
  readonly channelBase: number;
  readonly channelMax: number;
}

/**
 * Resolutions of the levels, coarsest first.
 *
 * @throws RangeError if the resolution is not a power of two from 8 on.
 */
export function levelResolutions({ resolution }: PyramidConfig): number[] {
  const last = Math.log2(resolution) - Math.log2(FIRST_RESOLUTION);
  if (!Number.isInteger(last) || last < 1)
    throw new RangeError(`the resolution must be a power of two from 8 on, not ${resolution}`);
  return Array.from({ length: last + 1 }, (_, level) => FIRST_RESOLUTION * 2 ** level);
}

/** Channels at a resolution. */
export function channelsAt(config: PyramidConfig, resolution: number): number {
  const channels = Math.min(Math.floor(config.channelBase / resolution), config.channelMax);
  if (channels < 1)
    throw new RangeError(`channelBase ${config.channelBase} leaves no channel at ${resolution} pixels`);
  return channels;
}

/**
 * The level of detail of a network: what it takes where the caller says nothing, and what is saved with it.
 */
export class LevelOfDetail {
  private readonly stored: tf.Variable<tf.Rank.R0>;

  constructor(
    params: Params,
    private readonly levels: number,
  ) {
    this.stored = params.fillBuffer<tf.Rank.R0>(LOD_PATH, [], 0);
  }

  /** @throws RangeError if the network has no such level. */
  split(lod: number | Growth = this.stored.dataSync()[0] ?? 0): Growth {
    if (typeof lod !== "number") return lod;
    if (!(lod >= 0 && lod <= this.levels - 1))
      throw new RangeError(`the level of detail must be 0 to ${this.levels - 1}, not ${lod}`);
    const whole = Math.floor(lod);
    return { whole, fade: lod - whole };
  }
}

/** A level of a generator, as far as growing concerns it. */
export interface GeneratorLevel {
  readonly toImage: { apply(x: tf.Tensor4D): tf.Tensor4D };
}

/**
 * The image of a growing generator at its full size.
 *
 * @param levels Coarsest first.
 * @param block The feature maps of a level from those of the level before (undefined at the first).
 * @see Karras et al. 2018, arXiv 1710.10196, figure 2.
 */
export function growImage<L extends GeneratorLevel>(
  levels: readonly L[],
  { whole, fade }: Growth,
  block: (level: L, x: tf.Tensor4D | undefined) => tf.Tensor4D,
): tf.Tensor4D {
  const grown = levels.slice(0, levels.length - whole);
  let maps: tf.Tensor4D | undefined;
  let image: tf.Tensor4D | undefined;
  grown.forEach((level, i) => {
    maps = block(level, maps);
    const needed = fade === 0 ? 1 : 2;
    if (i < grown.length - needed) return;
    const fresh = level.toImage.apply(maps);
    image = image === undefined ? fresh : blend(fresh, upsampleNearest(image), fade);
  });
  if (image === undefined) throw new Error("the network has no levels");
  return upsampleNearest(image, 2 ** whole);
}

/** A level of a discriminator, as far as growing concerns it. */
export interface DiscriminatorLevel {
  /** Feature maps from an image of the level's resolution. */
  readonly fromImage: (image: tf.Tensor4D) => tf.Tensor4D;
  /** Feature maps of the next level from those of this one. */
  readonly block: (x: tf.Tensor4D) => tf.Tensor4D;
}

/**
 * What the last level of a growing discriminator makes of an image of full size.
 *
 * @param levels Finest first.
 */
export function shrinkImage(
  image: tf.Tensor4D,
  levels: readonly DiscriminatorLevel[],
  { whole, fade }: Growth,
): tf.Tensor4D {
  const [finest, next, ...coarser] = levels.slice(whole);
  if (finest === undefined) throw new Error("the network has no levels");
  const reduced = averagePool(image, 2 ** whole);
  let x = finest.block(finest.fromImage(reduced));
  if (next === undefined) return x;
  if (fade !== 0) x = blend(x, next.fromImage(averagePool(reduced)), fade);
  x = next.block(x);
  return coarser.reduce((h, level) => level.block(h), x);
}

/** The old one's share is `fade`. */
function blend(fresh: tf.Tensor4D, old: tf.Tensor4D, fade: number | tf.Scalar): tf.Tensor4D {
  return fresh.add(old.sub(fresh).mul(fade));
}

/**
 * Real images as a growing discriminator shall see them: of no more detail than its present level, and faded
 * towards the coarser one as the generator's are.
 *
 * @param images [N, H, W, C], full size. @returns [N, H, W, C], full size.
 */
export function fadeImages(images: tf.Tensor4D, { whole, fade }: Growth): tf.Tensor4D {
  const reduced = averagePool(images, 2 ** whole);
  const faded = fade === 0 ? reduced : blend(reduced, upsampleNearest(averagePool(reduced)), fade);
  return upsampleNearest(faded, 2 ** whole);
}

/** How far a network has grown; undefined of one that does not grow. */
export function levelOfDetailOf(params: Params): number | undefined {
  return params.buffers.get(LOD_PATH)?.dataSync()[0];
}

/** Writes down how far a network has grown, for calls that say nothing of it; no network but growing ones has that. */
export function saveLevelOfDetail(params: Params, lod: number): void {
  tf.tidy(() => params.buffers.get(LOD_PATH)?.assign(tf.scalar(lod)));
}
