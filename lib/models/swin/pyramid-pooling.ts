import * as tf from "../../backend/tf";
import { resizeBilinear } from "../layers/bilinear";
import type { Params } from "../params";
import { ConvNorm } from "../layers/conv-norm";

export interface PyramidPoolingConfig {
  readonly inChannels: number;
  /** Channels of each scale. */
  readonly channels: number;
  /** Cells a side of each scale. */
  readonly scales: readonly number[];
}

/**
 * Puts beside each pixel what its surroundings hold: averages over grids of a few cells, each through a 1x1
 * convolution. All averages are one product with a fixed matrix.
 *
 * @see Zhao et al. 2017, arXiv 1612.01105, section 3.2.
 */
export class PyramidPooling {
  private readonly convs: readonly ConvNorm[];
  private readonly averages = new Map<string, tf.Tensor3D>();

  constructor(
    private readonly params: Params,
    private readonly config: PyramidPoolingConfig,
  ) {
    const { inChannels, channels, scales } = config;
    this.convs = scales.map((_, i) => new ConvNorm(params.scope(`pool${i}`), inChannels, channels, 1));
  }

  /** @param x [N, H, W, C]. @returns x and the scales, [N, H, W, C + scales * channels]. */
  apply(x: tf.Tensor4D, training: boolean): tf.Tensor4D {
    const { scales } = this.config;
    const [samples, height, width, channels] = x.shape;
    const flat = x.reshape<tf.Tensor3D>([samples, height * width, channels]);
    const cells = tf.matMul(this.averagesOf(height, width), flat); // [N, cells of all scales, C]
    const parts = tf.split(
      cells,
      scales.map((scale) => scale ** 2),
      1,
    );
    const pooled = this.convs.map((conv, i) => {
      const side = scales[i] ?? 1;
      const grid = parts[i]?.reshape<tf.Tensor4D>([samples, side, side, channels]);
      if (grid === undefined) throw new Error(`there is no scale ${i}`);
      return resizeBilinear(conv.apply(grid, training), [height, width]);
    });
    return tf.concat4d([x, ...pooled], 3);
  }

  private averagesOf(height: number, width: number): tf.Tensor3D {
    const key = `${height}x${width}`;
    const known = this.averages.get(key);
    if (known !== undefined) return known;
    const rows = this.config.scales.flatMap((scale) => cellAverages(height, width, scale));
    const matrix = this.params.constant(() => tf.tensor3d([rows]));
    this.averages.set(key, matrix);
    return matrix;
  }
}

/** For each cell of a grid the weight of each pixel, [cells][H W]; cells overlap where they do not divide. */
export function cellAverages(height: number, width: number, scale: number): number[][] {
  const bounds = (cell: number, size: number): [number, number] => [
    Math.floor((cell * size) / scale),
    Math.ceil(((cell + 1) * size) / scale),
  ];
  return Array.from({ length: scale * scale }, (_, cell) => {
    const [top, bottom] = bounds(Math.floor(cell / scale), height);
    const [left, right] = bounds(cell % scale, width);
    const weight = 1 / ((bottom - top) * (right - left));
    return Array.from({ length: height * width }, (_, pixel) => {
      const [row, column] = [Math.floor(pixel / width), pixel % width];
      return row >= top && row < bottom && column >= left && column < right ? weight : 0;
    });
  });
}
