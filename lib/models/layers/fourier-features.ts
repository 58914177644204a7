import * as tf from "../../backend/tf";
import type { Params } from "../params";

/** The input of StyleGAN 3's synthesis. */
export interface FourierFeaturesConfig {
  readonly channels: number;
  /** Length of the network's styles. */
  readonly styleSize: number;
  /** Height and width of the result in pixels. */
  readonly size: number;
  /** Pixels a unit of length; the final image is one unit wide. */
  readonly samplingRate: number;
  /** Largest frequency, in cycles a unit of length. */
  readonly bandwidth: number;
}

/**
 * Sines of random directions and frequencies over a plane that each style turns and shifts, then a trained
 * map between channels.
 *
 * @see Karras et al. 2021, arXiv 2106.12423, section 3.2 and appendix F.1.
 */
export class FourierFeatures {
  private readonly frequencies: tf.Variable<tf.Rank.R2>; // [C, (x, y)]
  private readonly phases: tf.Variable<tf.Rank.R1>; // [C], in turns
  private readonly affineKernel: tf.Variable<tf.Rank.R2>; // [W, 4]
  private readonly affineBias: tf.Variable<tf.Rank.R1>; // [4]
  private readonly kernel: tf.Variable<tf.Rank.R2>; // [C, C]
  private readonly grid: tf.Tensor3D; // [1, H W, 3]

  constructor(
    params: Params,
    private readonly config: FourierFeaturesConfig,
  ) {
    const { channels, styleSize, bandwidth } = config;
    this.frequencies = params.initialBuffer<tf.Rank.R2>("frequencies", [channels, 2], (rng) =>
      insideDisc(rng.normal<tf.Rank.R2>([channels, 2])).mul(bandwidth),
    );
    this.phases = params.uniformBuffer<tf.Rank.R1>("phases", [channels], 0.5);
    this.affineKernel = params.fill<tf.Rank.R2>("affine/kernel", [styleSize, 4], 0);
    // Neither turned nor shifted at first.
    this.affineBias = params.initial<tf.Rank.R1>("affine/bias", [4], () => tf.tensor1d([1, 0, 0, 0]));
    this.kernel = params.normal<tf.Rank.R2>("kernel", [channels, channels]);
    this.grid = params.constant(() => pixelCentres(config));
  }

  /** @param w As `unitStyles` gives it, [N, W]. @returns [N, size, size, C]. */
  apply(w: tf.Tensor2D): tf.Tensor4D {
    const { channels, size } = this.config;
    return tf.tidy(() => {
      const [samples] = w.shape;
      const waves = tf.concat2d(
        [this.frequencies.transpose<tf.Tensor2D>(), this.phases.expandDims<tf.Tensor2D>(0)],
        0,
      ); // [3, C]
      const motions = this.motions(w).reshape<tf.Tensor2D>([3 * samples, 3]);
      const turned = tf.matMul<tf.Tensor2D>(motions, waves.mul(2 * Math.PI));
      const angles = tf.matMul(this.grid, turned.reshape<tf.Tensor3D>([samples, 3, channels])); // [N, H W, C]
      const waved = angles.sin().reshape<tf.Tensor2D>([samples * size * size, channels]);
      const mix = this.kernel.div<tf.Tensor2D>(Math.sqrt(channels));
      return tf.matMul<tf.Tensor2D>(waved, mix).reshape<tf.Tensor4D>([samples, size, size, channels]);
    });
  }

  /** For each style the transposed matrix that moves a point (x, y, 1): shifted, then turned. [N, 3, 3]. */
  private motions(w: tf.Tensor2D): tf.Tensor3D {
    const affine = w.matMul<tf.Tensor2D>(this.affineKernel).add(this.affineBias);
    const length = tf.slice(affine, [0, 0], [-1, 2]).norm("euclidean", 1, true); // [N, 1]
    const [cos, sin, x, y] = tf.unstack(affine.div(length), 1) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const [zero, one] = [tf.zerosLike(cos), tf.onesLike(cos)];
    const shiftX = sin.mul(y).sub(cos.mul(x));
    const shiftY = sin.mul(x).add(cos.mul(y)).neg();
    return tf
      .stack([cos, sin, zero, sin.neg(), cos, zero, shiftX, shiftY, one], 1)
      .reshape<tf.Tensor3D>([w.shape[0], 3, 3]);
  }
}

/** (x, y, 1) of the centre of each pixel, in units of length from the middle, [1, H W, 3]. */
function pixelCentres({ size, samplingRate }: FourierFeaturesConfig): tf.Tensor3D {
  const position = (index: number) => (index + 0.5 - size / 2) / samplingRate;
  const values = Array.from({ length: size * size }, (_, i) => [
    position(i % size),
    position(Math.floor(i / size)),
    1,
  ]);
  return tf.tensor3d([values]);
}

/** Normal draws moved to the unit disc, about evenly: r becomes exp(-r^2 / 4). */
function insideDisc(draws: tf.Tensor2D): tf.Tensor2D {
  const squares = draws.square().sum(1, true);
  return draws.div(squares.sqrt()).mul<tf.Tensor2D>(squares.div(-4).exp());
}
