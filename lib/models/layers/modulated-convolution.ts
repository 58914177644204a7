import { withGradient } from "../../backend/custom-gradient";
import * as tf from "../../backend/tf";
import type { Params } from "../params";
import { EqualizedDense } from "./equalized";
import { modulation, scalePixels, type ScaledFeatures } from "./scaled-features";
import { UpFirDn } from "./upfirdn";

/** What a modulated convolution looks like; sizes in channels or pixels. */
export interface ModulatedConvConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Length of the network's styles. */
  readonly styleSize: number;
  /** Side of the square kernel. */
  readonly kernelSize: number;
  /** "same" keeps the images' size; "full" puts kernelSize - 1 zeros on every side. */
  readonly padding: "same" | "full" | Doubling;
}

/** Twice the size: a transposed convolution of stride 2, then a low-pass filter. */
export interface Doubling {
  /** Taps of the filter; scaled to keep the mean. */
  readonly taps: readonly number[];
  /** Height and width of the images that come in. */
  readonly size: number;
}

/** The convolution of a batch, before it is demodulated. */
export interface Undemodulated {
  /** [N, H', W', K]. */
  readonly values: tf.Tensor4D;
  /** The norm of each sample's kernel, by which the values have yet to be divided, [N, K]. */
  readonly norm: tf.Tensor2D;
}

/** Keeps the norm of a kernel off zero. */
const EPSILON = 1e-8;

/**
 * Convolution whose kernel is scaled by a style along the input channels and brought to unit norm for each
 * output channel (demodulated). Scaling the input by the style and the output by the demodulation factor
 * equals one kernel a sample, without grouped convolution. StyleGAN 3 first brings kernel and styles to unit
 * mean square, which demodulation undoes.
 *
 * @see Karras et al. 2020, arXiv 1912.04958, section 2.2, equations 1-3.
 */
export class ModulatedConv {
  private readonly affine: EqualizedDense;
  /**
   * [k, k, C, K] where the size stays. Else the convolution is a transposed one with [k, k, K, C], turned round
   * where it does not double the size.
   */
  private readonly kernel: tf.Variable<tf.Rank.R4>;
  private readonly blur: UpFirDn | undefined;

  constructor(
    params: Params,
    private readonly config: ModulatedConvConfig,
  ) {
    const { inChannels, outChannels, kernelSize, padding } = config;
    this.affine = styleAffine(params, config);
    const ends: [number, number] = padding === "same" ? [inChannels, outChannels] : [outChannels, inChannels];
    this.kernel = params.normal<tf.Rank.R4>("kernel", [kernelSize, kernelSize, ...ends]);
    if (typeof padding === "object") this.blur = doublingBlur(params, config, padding);
  }

  /**
   * @param x Features [N, H, W, C].
   * @param w Styles as `unitStyles` gives them, [N, W].
   * @param gain Factor on all features, a scalar.
   */
  apply(x: ScaledFeatures, w: tf.Tensor2D, gain?: tf.Tensor): Undemodulated {
    return tf.tidy(() => {
      const style = this.affine.apply(w); // [N, C]
      const factor = modulation(style, x);
      const scaled = scalePixels(x.values, gain === undefined ? factor : factor.mul(gain));
      const energy = kernelEnergy(this.kernel); // [C, K] or [K, C]
      return {
        values: this.convolve(scaled),
        norm: kernelNorm(style, energy, this.config.padding !== "same"),
      };
    });
  }

  private convolve(x: tf.Tensor4D): tf.Tensor4D {
    const { padding, kernelSize, outChannels } = this.config;
    if (padding === "same") return tf.conv2d(x, this.kernel, 1, "same");
    const [samples, height, width] = x.shape;
    const stride = padding === "full" ? 1 : 2;
    const [tall, wide] = [(height - 1) * stride + kernelSize, (width - 1) * stride + kernelSize];
    const y = tf.conv2dTranspose(x, this.kernel, [samples, tall, wide, outChannels], stride, "valid");
    return this.blur === undefined ? y : this.blur.apply(y);
  }
}

/**
 * The learned map from a style of the network to one factor an input channel; 1 on average at first. Styles
 * come in divided by the root of their length (`unitStyles`), once for all layers.
 */
export function styleAffine(
  params: Params,
  { styleSize, inChannels }: { readonly styleSize: number; readonly inChannels: number },
): EqualizedDense {
  return new EqualizedDense(params.scope("affine"), {
    inFeatures: styleSize,
    outFeatures: inChannels,
    initialBias: 1,
    gain: Math.sqrt(styleSize),
  });
}

/** The styles of each layer as its learned map takes them: L of [N, W], divided by the root of W. */
export function unitStyles(w: tf.Tensor3D): tf.Tensor2D[] {
  return tf.unstack(w.div(Math.sqrt(w.shape[2])), 1) as tf.Tensor2D[];
}

/**
 * The norm of the kernel that a style makes for each output channel, [N, K].
 *
 * @param style [N, C].
 * @param energy Squares of the kernel summed over its taps, [C, K], or [K, C] where `transposed`.
 */
export function kernelNorm(style: tf.Tensor2D, energy: tf.Tensor2D, transposed = false): tf.Tensor2D {
  return tf.matMul<tf.Tensor2D>(style.square(), energy, false, transposed).add<tf.Tensor2D>(EPSILON).sqrt();
}

/** Squares of a kernel summed over its taps, [k, k, C, K] to [C, K]; its gradient is one product. */
function kernelEnergy(kernel: tf.Tensor4D): tf.Tensor2D {
  return withGradient<tf.Tensor2D>(
    [kernel],
    () => ({ value: kernel.square().sum<tf.Tensor2D>([0, 1]), saved: [kernel] }),
    (dy, [saved]) => [(saved ?? kernel).mul(dy.mul(2))],
  );
}

/** The filter after a transposed convolution: its 2 size + k - 2 pixels become 2 size. */
function doublingBlur(
  params: Params,
  { outChannels, kernelSize }: ModulatedConvConfig,
  { taps, size }: Doubling,
): UpFirDn {
  const sum = taps.reduce((total, tap) => total + tap, 0);
  const padding = taps.length - kernelSize + 1;
  return new UpFirDn(params, {
    // The zeros between the pixels halve the mean along each axis.
    taps: taps.map((tap) => (2 * tap) / sum),
    up: 1,
    down: 1,
    padding: [Math.ceil(padding / 2), Math.floor(padding / 2)],
    channels: outChannels,
    size: 2 * (size - 1) + kernelSize,
  });
}
