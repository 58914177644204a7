import * as tf from "../../backend/tf";
import type { Params } from "../params";
import { clampMagnitude, leakyRelu } from "./activation";
import { filteredSize, type AxisFilter } from "./band-matrix";
import { DepthwiseFilter } from "./depthwise-filter";
import { UpFirDn } from "./upfirdn";

/** A leaky rectifier between two filters. */
export interface FilteredLeakyReluConfig {
  readonly channels: number;
  /** Height and width of the images that come in. */
  readonly size: number;
  /** The filter before: enlarges. */
  readonly before: AxisFilter;
  /** The filter after: reduces; along both axes, or over the image where it is `radial`. */
  readonly after: AxisFilter | RadialFilter;
  /** The rectifier's largest magnitude; null for none. */
  readonly clamp: number | null;
}

/** A filter that cannot be split into axes. */
export interface RadialFilter {
  /** Row by row, [side, side]. */
  readonly radial: ArrayLike<number>;
  readonly side: number;
  readonly down: number;
}

/** Slope of the leaky rectifier. */
const SLOPE = 0.2;

/**
 * Leaky rectifier with gain sqrt(2) that gives no new frequencies: applied to an enlarged, smoothed image and
 * followed by a low-pass filter.
 *
 * @see Karras et al. 2021, arXiv 2106.12423, section 3.2.
 */
export class FilteredLeakyRelu {
  private readonly enlarge: UpFirDn;
  private readonly reduce: (x: tf.Tensor4D) => tf.Tensor4D;
  private readonly clamp: number | null;

  constructor(params: Params, { channels, size, before, after, clamp }: FilteredLeakyReluConfig) {
    // The rectifier's gain is taken before it, half of it along each axis.
    const taps = Array.from(before.taps, (tap) => tap * 2 ** 0.25);
    this.enlarge = new UpFirDn(params, { ...before, taps, channels, size });
    this.reduce = reduction(params, channels, filteredSize(size, before), after);
    this.clamp = clamp;
  }

  /** @param x [N, size, size, C]. @returns [N, H', W', C]. */
  apply(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const active = leakyRelu(this.enlarge.apply(x), SLOPE);
      return this.reduce(this.clamp === null ? active : clampMagnitude(active, this.clamp));
    });
  }
}

function reduction(
  params: Params,
  channels: number,
  size: number,
  filter: AxisFilter | RadialFilter,
): (x: tf.Tensor4D) => tf.Tensor4D {
  if (!("radial" in filter)) {
    const alongBoth = new UpFirDn(params, { ...filter, channels, size });
    return (x) => alongBoth.apply(x);
  }
  const { radial, side, down: stride } = filter;
  const values = Array.from(radial).reverse(); // a convolution turns its filter round
  const round = new DepthwiseFilter(params, { channels, size, side, values, stride, padding: [0, 0] });
  return (x) => round.reduce(x);
}
