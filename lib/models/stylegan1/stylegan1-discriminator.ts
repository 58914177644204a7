import type * as tf from "../../backend/tf";
import { GrowingDiscriminator, SLOPE, type HalvingBlock } from "../growing/growing-discriminator";
import { leakyRelu } from "../layers/activation";
import { Blur } from "../layers/blur";
import { EqualizedConv2d } from "../layers/equalized";
import type { Params } from "../params";
import type { Stylegan1Config } from "./stylegan1-generator";

/**
 * The discriminator of StyleGAN 1: that of progressive GAN with a blur before each layer that halves the
 * resolution.
 *
 * @see Karras et al. 2019, arXiv 1812.04948, section 2.
 */
export class Stylegan1Discriminator extends GrowingDiscriminator {
  constructor(params: Params, config: Stylegan1Config) {
    super(params, config, (...shape) => new Block(...shape));
  }
}

/** Two convolutions with a blur between; the second averages 2x2 pixels before its rectifier. */
class Block implements HalvingBlock {
  private readonly conv0: EqualizedConv2d;
  private readonly blur: Blur;
  private readonly conv1: EqualizedConv2d;

  constructor(params: Params, inChannels: number, outChannels: number) {
    const shared = { inChannels, kernelSize: 3, gain: Math.SQRT2 };
    this.conv0 = new EqualizedConv2d(params.scope("conv0"), { ...shared, outChannels: inChannels });
    this.blur = new Blur(params, inChannels);
    this.conv1 = new EqualizedConv2d(params.scope("conv1"), { ...shared, outChannels, resampling: "down" });
  }

  apply(x: tf.Tensor4D): tf.Tensor4D {
    const h = this.blur.apply(leakyRelu(this.conv0.apply(x), SLOPE));
    return leakyRelu(this.conv1.apply(h), SLOPE);
  }
}
