import { Rng } from "../../backend/rng";
import * as tf from "../../backend/tf";
import { AffineResampling } from "../../models/layers/affine-resampling";
import { Params } from "../../models/params";
import { colourChange } from "./augment-colour";
import type { AugmentConfig } from "./augment-config";
import { AugmentDraws } from "./augment-draws";
import { inverseTransforms } from "./augment-geometry";

/** The images that a pipe is made for. */
export interface AugmentedImages {
  /** Height and width in pixels. */
  readonly size: number;
  /** How many of the channels, from the first, have their colour changed; a mask after them keeps its values. */
  readonly colourChannels: number;
}

/**
 * Random changes of the images that the discriminator sees, real and made ones alike: with the probability p,
 * so that the generator does not learn them. Differentiable in the images, any number of times; all draws are
 * tensors, so that it can be part of a compiled function.
 *
 * @see Karras et al. 2020, arXiv 2006.06676.
 */
export class AugmentPipe {
  private readonly constants: Params;
  private readonly resampling: AffineResampling;

  constructor(
    private readonly config: AugmentConfig,
    private readonly images: AugmentedImages,
  ) {
    this.constants = new Params(Rng.fromSeed(0));
    this.resampling = new AffineResampling(this.constants, images.size);
  }

  /**
   * @param images [N, size, size, C]. @param p A scalar in [0, 1].
   * @param rng Of this batch alone.
   * @returns Changed images, [N, size, size, C].
   */
  apply(images: tf.Tensor4D, p: tf.Scalar, rng: Rng): tf.Tensor4D {
    return tf.tidy(() => {
      const [samples] = images.shape;
      const draws = new AugmentDraws(rng, samples, p);
      const moved = this.movesPixels
        ? this.resampling.apply(images, inverseTransforms(this.config, draws, samples, this.images.size))
        : images;
      return this.changesColour ? this.recolour(moved, draws) : moved;
    });
  }

  dispose(): void {
    this.constants.dispose();
  }

  private recolour(images: tf.Tensor4D, draws: AugmentDraws): tf.Tensor4D {
    const { size, colourChannels } = this.images;
    const [samples, , , channels] = images.shape;
    const { matrix, offset } = colourChange(this.config, draws, samples, colourChannels);
    const pixels = images.reshape<tf.Tensor3D>([samples, size * size, channels]);
    // Channels after those of colour are multiplied by 1 and get 0 added.
    const kept = channels - colourChannels;
    const corner = tf.eye(channels).mul(tf.range(0, channels).greaterEqual(colourChannels).toFloat());
    const all = tf.pad3d(matrix, [
      [0, 0],
      [0, kept],
      [0, kept],
    ]);
    const added = tf.pad3d(offset, [
      [0, 0],
      [0, 0],
      [0, kept],
    ]);
    return tf.matMul(pixels, all.add<tf.Tensor3D>(corner)).add(added).reshape(images.shape);
  }

  private get movesPixels(): boolean {
    const { flip, quarterTurns, wholeShift, scale, rotation, stretch, shift } = this.config;
    return Math.max(flip, quarterTurns, wholeShift, scale, rotation, stretch, shift) > 0;
  }

  private get changesColour(): boolean {
    const { brightness, contrast, lumaFlip, hue, saturation } = this.config;
    return Math.max(brightness, contrast, lumaFlip, hue, saturation) > 0 && this.images.colourChannels > 0;
  }
}
