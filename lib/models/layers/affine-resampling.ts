import * as tf from "../../backend/tf";
import type { Params } from "../params";
import { alongAxes, bandMatrix } from "./band-matrix";
import { gatherRows, type WeightedRows } from "./bilinear-gather";

/**
 * The low-pass filter of the wavelet "sym6". It is orthogonal to its even shifts: what is enlarged with it and
 * reduced again is what it was.
 *
 * @see Daubechies 1992, "Ten lectures on wavelets", table 6.3.
 */
const SYM6 = [
  0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633, 0.4910559419267466,
  0.787641141030194, 0.3379294217276218, -0.07263752278646252, -0.021060292512300564, 0.04472490177066578,
  0.0017677118642428036, -0.007800708325034148,
] as const;

/** Pixels that the filter reaches beyond the middle, to each side. */
const REACH = SYM6.length / 4;

/** Pixels by which images are continued in the mirror before they are enlarged. */
const MARGIN = 2 * REACH;

/**
 * Square images seen through affine transforms of their plane: enlarged twice, read off bilinearly, reduced.
 * Beyond the border the image goes on as in a mirror. Linear in the image; any order of derivative exists.
 *
 * @see Karras et al. 2020, arXiv 2006.06676, appendix B.1, whose margin ends at one image's width.
 */
export class AffineResampling {
  private readonly enlarge: tf.Tensor3D; // [1, L, S]
  private readonly reduce: tf.Tensor3D; // [1, S, M]
  /** Places of the enlarged result in pixels from the middle, (x, y, 1), [1, M M, 3]. */
  private readonly places: tf.Tensor3D;

  /** @param size Height and width of the images; 4 or more. */
  constructor(
    params: Params,
    private readonly size: number,
  ) {
    this.enlarge = params.constant(() => enlargingMatrix(size));
    this.reduce = params.constant(() => reducingMatrix(size));
    this.places = params.constant(() => resultPlaces(size));
  }

  /**
   * @param images [N, size, size, C].
   * @param inverse For each sample the place (x, y, 1) in the image of a place in the result, in pixels from
   *   the middle, x to the right and y down; [N, 3, 3].
   */
  apply(images: tf.Tensor4D, inverse: tf.Tensor3D): tf.Tensor4D {
    const [samples, , , channels] = images.shape;
    const side = 2 * (this.size + 2 * REACH);
    return tf.tidy(() => {
      const enlarged = alongAxes(images, this.enlarge, this.enlarge); // [N, L, L, C]
      const length = enlarged.shape[1];
      const places = tf.matMul(this.places, inverse, false, true); // [N, M M, 3]
      const [x, y] = tf.unstack(places, 2) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const terms = corners(this.inEnlarged(x), this.inEnlarged(y), length);
      const read = gatherRows(enlarged.reshape<tf.Tensor2D>([samples * length ** 2, channels]), terms);
      return alongAxes(read.reshape<tf.Tensor4D>([samples, side, side, channels]), this.reduce, this.reduce);
    });
  }

  /** Positions along an axis of the enlarged image, [N, P], of pixels from the middle, folded at its mirrors. */
  private inEnlarged(fromMiddle: tf.Tensor): tf.Tensor {
    const last = this.size - 1;
    const position = fromMiddle.add(last / 2);
    const turns = position.div(2 * last).floor();
    const within = position.sub(turns.mul(2 * last)); // [0, 2 last)
    const folded = tf.minimum(within, within.neg().add(2 * last));
    // As far as the enlarged image goes, it is taken as it is: the filter is not quite symmetric.
    const near = position.clipByValue(-REACH, last + REACH);
    const isNear = near.equal(position).toFloat();
    return folded.add(near.sub(folded).mul(isNear)).add(MARGIN).mul(2);
  }
}

/** The four neighbours of places in images of the given length, numbered through the batch. */
function corners(x: tf.Tensor, y: tf.Tensor, length: number): WeightedRows[] {
  const [samples = 0, points = 0] = x.shape;
  const [left, top] = [x.floor(), y.floor()].map((t) => t.clipByValue(0, length - 2)) as [
    tf.Tensor,
    tf.Tensor,
  ];
  const [right, down] = [x.sub(left), y.sub(top)]; // shares of the neighbours after
  const whole = (value: number) => tf.scalar(value, "int32");
  const first = tf
    .range(0, samples, 1, "int32")
    .mul(whole(length ** 2))
    .expandDims(1); // [N, 1]
  const index = top.toInt().mul(whole(length)).add(left.toInt()).add(first); // [N, P]
  const term = (step: number, shareX: tf.Tensor, shareY: tf.Tensor): WeightedRows => ({
    indices: index.add(whole(step)).reshape<tf.Tensor1D>([samples * points]),
    weights: shareX.mul(shareY).reshape<tf.Tensor2D>([samples * points, 1]),
  });
  const [before, above] = [tf.sub(1, right), tf.sub(1, down)];
  return [
    term(0, before, above),
    term(1, right, above),
    term(length, before, down),
    term(length + 1, right, down),
  ];
}

/** Mirrored by a margin, then twice as large: value u lies at pixel u / 2 - margin. [1, 2 (S + 2 margin), S]. */
function enlargingMatrix(size: number): tf.Tensor3D {
  const padded = size + 2 * MARGIN;
  const mirror = new Float32Array(padded * size);
  for (let row = 0; row < padded; row++) {
    const within = Math.abs(row - MARGIN) % (2 * (size - 1));
    mirror[row * size + Math.min(within, 2 * (size - 1) - within)] = 1;
  }
  const half = SYM6.length / 2;
  const filter = { taps: unitSum(2), up: 2, down: 1, padding: [half, half - 1] } as const;
  return tf.matMul(bandMatrix(padded, filter), tf.tensor3d(mirror, [1, padded, size]));
}

/** Every other value behind the filter turned round; value v lies at pixel v / 2 - reach. [1, S, 2 (S + 2 reach)]. */
function reducingMatrix(size: number): tf.Tensor3D {
  const filter = { taps: unitSum(1).reverse(), up: 1, down: 2, padding: [-1, -1] } as const;
  return bandMatrix(2 * (size + 2 * REACH), filter);
}

/** The filter's taps with a sum of `gain`. */
function unitSum(gain: number): number[] {
  return SYM6.map((tap) => (gain * tap) / Math.SQRT2);
}

function resultPlaces(size: number): tf.Tensor3D {
  const side = 2 * (size + 2 * REACH);
  const place = (index: number) => index / 2 - REACH - (size - 1) / 2;
  const values = new Float32Array(side * side * 3);
  for (let i = 0; i < side * side; i++) values.set([place(i % side), place(Math.floor(i / side)), 1], 3 * i);
  return tf.tensor3d(values, [1, side * side, 3]);
}
