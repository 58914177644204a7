import type * as tf from "../../backend/tf";
import { GrowingDiscriminator, SLOPE, type HalvingBlock } from "../growing/growing-discriminator";
import { leakyRelu } from "../layers/activation";
import { averagePool } from "../layers/box-resampling";
import { EqualizedConv2d } from "../layers/equalized";
import type { Params } from "../params";
import type { ProgressiveGanConfig } from "./progressive-gan-generator";

/**
 * The discriminator of progressive GAN: the generator's pyramid the other way round, without normalisation.
 *
 * @see Karras et al. 2018, arXiv 1710.10196, section 2 and table 2.
 */
export class ProgressiveGanDiscriminator extends GrowingDiscriminator {
  constructor(params: Params, config: ProgressiveGanConfig) {
    super(params, config, (...shape) => new Block(...shape, config.fusedScale));
  }
}

/** Two convolutions; the mean over 2x2 pixels is taken before the last rectifier or, where not fused, after. */
class Block implements HalvingBlock {
  private readonly conv0: EqualizedConv2d;
  private readonly conv1: EqualizedConv2d;

  constructor(
    params: Params,
    inChannels: number,
    outChannels: number,
    private readonly fused: boolean,
  ) {
    const shared = { inChannels, kernelSize: 3, gain: Math.SQRT2 };
    this.conv0 = new EqualizedConv2d(params.scope("conv0"), { ...shared, outChannels: inChannels });
    this.conv1 = new EqualizedConv2d(params.scope("conv1"), {
      ...shared,
      outChannels,
      resampling: fused ? "down" : "none",
    });
  }

  apply(x: tf.Tensor4D): tf.Tensor4D {
    const h = leakyRelu(this.conv1.apply(leakyRelu(this.conv0.apply(x), SLOPE)), SLOPE);
    return this.fused ? h : averagePool(h);
  }
}
