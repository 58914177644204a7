import { CompiledFunction } from "../backend/graph/compiled-function";
import { Rng } from "../backend/rng";
import type * as tf from "../backend/tf";

/** A network's features as one graph, in float32: distances between sets of images are measured with them. */
export class CompiledFeatures {
  private readonly compiled: CompiledFunction;
  private readonly rng = Rng.fromSeed(0); // the graph draws nothing

  /** @param features Of a batch of images; the network's weights must not change any more. */
  constructor(features: (images: tf.Tensor4D) => tf.Tensor2D) {
    this.compiled = new CompiledFunction(([images]) => [features(images as tf.Tensor4D)]);
  }

  /** @param images Disposed of. @returns [N, F]. */
  apply(images: tf.Tensor4D): tf.Tensor2D {
    const [features] = this.compiled.run([images], this.rng);
    images.dispose();
    return features as tf.Tensor2D;
  }

  dispose(): void {
    this.compiled.dispose();
  }
}
