import * as tf from "../../backend/tf";
import type { ParameterVector } from "./parameter-vector";

/** How slow an average is: in images (StyleGAN, diffusion), or the same at every update (progressive GAN). */
export type EmaConfig = EmaHalfLife | { readonly decay: number };

export interface EmaHalfLife {
  /** Images after which an old weight counts half. */
  readonly halfLifeImages: number;
  /** The half-life is at most this share of the images seen so far; 0 switches the ramp off. */
  readonly rampUp: number;
}

/**
 * Exponential moving average of a network's parameters; given in images, its speed does not depend on the
 * batch size.
 *
 * @see Karras et al. 2020, arXiv 2006.06676, and StyleGAN 3's `ema_kimg` and `ema_rampup`.
 */
export class Ema {
  private average: tf.Tensor1D;

  constructor(
    parameters: ParameterVector,
    private readonly config: EmaConfig,
  ) {
    this.average = tf.keep(parameters.values.clone());
  }

  /** The averaged parameters, [F]. Owned by this object. */
  get values(): tf.Tensor1D {
    return this.average;
  }

  /** @param imagesSeen Images seen before this update; @param batchSize images of this update. */
  update(parameters: ParameterVector, imagesSeen: number, batchSize: number): void {
    const decay = emaDecay(this.config, imagesSeen, batchSize);
    const next = tf.tidy(() => {
      const step = parameters.values.sub(this.average).mul(1 - decay);
      return this.average.add<tf.Tensor1D>(step);
    });
    this.restore(next);
  }

  /** Takes over `values` as the average. */
  restore(values: tf.Tensor1D): void {
    this.average.dispose();
    this.average = tf.keep(values);
  }

  dispose(): void {
    this.average.dispose();
  }
}

/** The weight of the old average in one update; 0 before any image was seen with ramp-up. */
export function emaDecay(config: EmaConfig, imagesSeen: number, batchSize: number): number {
  if ("decay" in config) return config.decay;
  const halfLife =
    config.rampUp > 0 ? Math.min(config.halfLifeImages, imagesSeen * config.rampUp) : config.halfLifeImages;
  return 0.5 ** (batchSize / Math.max(halfLife, 1e-8));
}
