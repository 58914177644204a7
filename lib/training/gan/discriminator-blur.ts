import type * as tf from "../../backend/tf";
import { bandMatrix } from "../../models/layers/band-matrix";

/**
 * Blur of the images that the discriminator sees, real and made ones, at the start of a training: it first learns
 * what is large, before the generator can please it with small patterns.
 *
 * @see Karras et al. 2021, arXiv 2106.12423, appendix; `blur_init_sigma` and `blur_fade_kimg` of NVlabs/stylegan3.
 */
export interface BlurConfig {
  /** Width at the first image, in pixels of the full resolution, as in 2^-(distance / sigma)^2; 10. */
  readonly initialSigma: number;
  /** Images over which it shrinks to nothing; 200,000 at a batch of 32. */
  readonly fadeImages: number;
}

/** The width of the moment; 0 without blur. @param imagesSeen Before the step. */
export function blurSigma(blur: BlurConfig | null, imagesSeen: number): number {
  if (blur === null) return 0;
  return Math.max(1 - imagesSeen / blur.fadeImages, 0) * blur.initialSigma;
}

/** Whether any pixel reaches another one. */
export function isBlurred(sigma: number): boolean {
  return reach(sigma) > 0;
}

/**
 * The blur along an axis, [1, size, size], for `alongAxes`: taps as far as three widths, of sum 1, and zeros around
 * the image. @param sigma Of a blur that does blur.
 */
export function blurMatrix(sigma: number, size: number): tf.Tensor3D {
  const margin = reach(sigma);
  const bell = Array.from({ length: 2 * margin + 1 }, (_, i) => 2 ** -(((i - margin) / sigma) ** 2));
  const sum = bell.reduce((a, b) => a + b, 0);
  return bandMatrix(size, {
    taps: bell.map((tap) => tap / sum),
    up: 1,
    down: 1,
    padding: [margin, margin],
  });
}

function reach(sigma: number): number {
  return Math.floor(3 * sigma);
}
