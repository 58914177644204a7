import { CompiledFunction } from "../backend/graph/compiled-function";
import { Rng } from "../backend/rng";
import { samplingPrecision } from "../backend/sampling-precision";
import type * as tf from "../backend/tf";
import type { Denoiser } from "../models/diffusion/diffusion-unet";

/** A denoiser as one graph, for many calls with the weights that it has at the first one, in the samplers' precision. */
export class CompiledDenoiser implements Denoiser {
  private readonly compiled: CompiledFunction;
  private readonly rng = Rng.fromSeed(0); // a denoiser draws nothing

  constructor(denoiser: Denoiser) {
    this.compiled = new CompiledFunction(
      ([xt, timesteps]) => [denoiser.apply(xt as tf.Tensor4D, timesteps as tf.Tensor1D)],
      samplingPrecision(),
    );
  }

  apply(xt: tf.Tensor4D, timesteps: tf.Tensor1D): tf.Tensor4D {
    const [predicted] = this.compiled.run([xt, timesteps], this.rng);
    return predicted as tf.Tensor4D;
  }

  dispose(): void {
    this.compiled.dispose();
  }
}
