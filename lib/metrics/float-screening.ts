import * as tf from "../backend/tf";
import { BACKGROUND_BELOW, type Extent, type ImageRows } from "./image-rows";
import { CANDIDATES, readRows, type Block, type Candidates, type Screening } from "./screening";

/** Stands for "no correlation" in the fast products: below every possible value. */
const NONE = -2;

/** Images with what the correlation needs of each. */
export interface FloatBlock extends Block {
  readonly tensors: {
    /** [M, F]: for `image` centred and of unit norm (zero if constant), for `brain` grey values / 255. */
    readonly rows: tf.Tensor2D;
    /** [M]: 1 where the image is constant, else 0. */
    readonly constant: tf.Tensor1D;
  };
}

/** Screening by matrix products in float32: on every backend, and for both extents. */
export class FloatScreening implements Screening<FloatBlock> {
  constructor(private readonly extent: Extent) {}

  read(source: ImageRows, first: number, count: number, _side: unknown, buffer?: Float32Array): FloatBlock {
    const { length } = source;
    const values = readRows(source, first, count, buffer);
    const constant = new Float32Array(count);
    for (let row = 0; row < count; row++) {
      const pixels = values.subarray(row * length, (row + 1) * length);
      constant[row] = Number(this.extent === "image" ? !standardise(pixels) : !scaleAboveBackground(pixels));
    }
    return {
      count,
      tensors: { rows: tf.tensor2d(values, [count, length]), constant: tf.tensor1d(constant) },
    };
  }

  offer(
    candidates: Candidates,
    queries: FloatBlock,
    firstQuery: number,
    references: FloatBlock,
    firstReference: number,
  ): void {
    const kept = Math.min(CANDIDATES, references.count);
    const { values, indices } = tf.tidy(() => {
      const products = tf.matMul<tf.Tensor2D>(queries.tensors.rows, references.tensors.rows, false, true); // [N, M]
      const r = this.extent === "image" ? products : correlateInUnion(products, queries, references);
      const usable = tf.add(r, tf.mul(references.tensors.constant, NONE - 1));
      const best = tf.topk(usable, kept);
      return { values: best.values, indices: best.indices };
    });
    candidates.offerBlock(firstQuery, firstReference, kept, values.dataSync(), indices.dataSync());
    tf.dispose([values, indices]);
  }
}

/** Centres a row and gives it unit norm, so that a dot product is a correlation. @returns Whether it can. */
function standardise(pixels: Float32Array): boolean {
  const { length } = pixels;
  const shift = pixels[0] as number;
  let sum = 0;
  let squares = 0;
  // Shifted, so that a constant image has sums of exactly 0. One pass in place of two: reading is what it costs.
  for (let i = 0; i < length; i++) {
    const value = (pixels[i] as number) - shift;
    sum += value;
    squares += value * value;
  }
  const mean = shift + sum / length;
  const spread = squares - (sum * sum) / length;
  const scale = spread > 0 ? 1 / Math.sqrt(spread) : 0;
  for (let i = 0; i < length; i++) pixels[i] = ((pixels[i] as number) - mean) * scale;
  return spread > 0;
}

/** Sets background to 0 and scales to [0, 1]. @returns Whether anything is left. */
function scaleAboveBackground(pixels: Float32Array): boolean {
  let any = false;
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i] as number;
    if (value >= BACKGROUND_BELOW) any = true;
    pixels[i] = value < BACKGROUND_BELOW ? 0 : value / 255;
  }
  return any;
}

/**
 * Correlations over the union of two heads, from sums over whole rows: outside a head its image is 0, so
 * only the number of pixels depends on the pair: n = |a| + |b| - |a and b|.
 */
function correlateInUnion(products: tf.Tensor2D, queries: FloatBlock, references: FloatBlock): tf.Tensor2D {
  const [a, b] = [queries.tensors.rows, references.tensors.rows];
  const [inA, inB] = [tf.cast(tf.greater(a, 0), "float32"), tf.cast(tf.greater(b, 0), "float32")];
  const column = (x: tf.Tensor): tf.Tensor => tf.expandDims(tf.sum(x, 1), 1); // [N, 1]
  const row = (x: tf.Tensor): tf.Tensor => tf.expandDims(tf.sum(x, 1), 0); // [1, M]
  const n = tf.maximum(tf.sub(tf.add(column(inA), row(inB)), tf.matMul(inA, inB, false, true)), 1);
  const [sumA, sumB] = [column(a), row(b)];
  const covariance = tf.sub(products, tf.div(tf.mul(sumA, sumB), n));
  const varianceA = tf.sub(column(tf.square(a)), tf.div(tf.square(sumA), n));
  const varianceB = tf.sub(row(tf.square(b)), tf.div(tf.square(sumB), n));
  const usable = tf.logicalAnd(tf.greater(varianceA, 1e-6), tf.greater(varianceB, 1e-6));
  const norm = tf.sqrt(tf.maximum(tf.mul(varianceA, varianceB), 1e-12));
  return tf.where(usable, tf.div(covariance, norm), tf.fill(products.shape, NONE)) as tf.Tensor2D;
}
