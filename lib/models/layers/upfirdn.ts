import { kernelBackend } from "../../backend/native-kernels";
import type * as tf from "../../backend/tf";
import type { Params } from "../params";
import { bandMatrix, filteredSize, type AxisFilter } from "./band-matrix";
import { DepthwiseFilter } from "./depthwise-filter";
import { ImageFilter } from "./image-filter";

/** A filter of square images, the same along both axes, that enlarges or reduces but not both. */
export interface UpFirDnConfig extends AxisFilter {
  readonly channels: number;
  /** Height and width of the images that come in. */
  readonly size: number;
}

/**
 * Resamples images with a small separable FIR filter: insert zeros, pad, convolve, keep every n-th pixel.
 * Without the project's own operation it is a convolution or, where it enlarges, the adjoint of one with a stride.
 *
 * @see Zhang 2019, arXiv 1904.11486; `upfirdn2d` of StyleGAN 2.
 */
export class UpFirDn {
  private readonly fused: ImageFilter;
  private readonly filter: DepthwiseFilter;

  constructor(
    params: Params,
    private readonly config: UpFirDnConfig,
  ) {
    const { taps, up, down, padding, channels, size } = config;
    if (up > 1 && down > 1) throw new RangeError("a filter cannot enlarge and reduce at once");
    this.fused = new ImageFilter(params, config, size);
    const filtered = filteredSize(size, config);
    const line = Array.from(taps);
    // A convolution turns its filter round; its adjoint does not.
    const oriented = up > 1 ? line : line.reverse();
    const values = oriented.flatMap((a) => oriented.map((b) => a * b));
    const shared = { channels, side: line.length, values };
    if (up === 1) {
      const transposed = () => bandMatrix(size, config).transpose<tf.Tensor3D>([0, 2, 1]);
      this.filter = new DepthwiseFilter(params, {
        ...shared,
        ...many(line, transposed),
        size,
        stride: down,
        padding,
      });
      return;
    }
    const start = line.length - 1 - padding[0];
    this.filter = new DepthwiseFilter(params, {
      ...shared,
      ...many(line, () => bandMatrix(size, config)),
      size: filtered,
      stride: up,
      padding: [start, (size - 1) * up + line.length - filtered - start],
    });
  }

  /** @param x [N, size, size, C]. @returns [N, H', W', C]. */
  apply(x: tf.Tensor4D): tf.Tensor4D {
    const native = kernelBackend();
    if (native !== undefined) return this.fused.apply(native, x);
    return this.config.up > 1 ? this.filter.enlarge(x) : this.filter.reduce(x);
  }
}

/** From so many taps on, the transposed map is quicker by matrices. */
const MANY_TAPS = 6;

function many(taps: readonly number[], transposed: () => tf.Tensor3D): { transposed?: () => tf.Tensor3D } {
  return taps.length >= MANY_TAPS ? { transposed } : {};
}
