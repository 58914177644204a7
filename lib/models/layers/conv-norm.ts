import type * as tf from "../../backend/tf";
import type { Params } from "../params";
import { BatchNorm } from "./batch-norm";
import { Conv2d } from "./convolution";

/** Convolution without bias, batch norm, rectifier. */
export class ConvNorm {
  private readonly conv: Conv2d;
  private readonly norm: BatchNorm;

  constructor(params: Params, inChannels: number, outChannels: number, kernelSize: 1 | 3) {
    this.conv = new Conv2d(params.scope("conv"), { inChannels, outChannels, kernelSize, bias: false });
    this.norm = new BatchNorm(params.scope("norm"), outChannels);
  }

  /** @param x [N, H, W, C]. @returns [N, H, W, K]. */
  apply(x: tf.Tensor4D, training: boolean): tf.Tensor4D {
    return this.norm.apply(this.conv.apply(x), training, "relu");
  }
}
