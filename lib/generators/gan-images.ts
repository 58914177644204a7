import { CompiledFunction } from "../backend/graph/compiled-function";
import { Rng } from "../backend/rng";
import { samplingPrecision } from "../backend/sampling-precision";
import * as tf from "../backend/tf";
import type { Generator, StyleGenerator } from "../models/gan";
import { levelOfDetailOf } from "../models/growing/growing";
import { roundedToNearest } from "../sampling/grey-images";
import type { GanSampling } from "./generator-config";
import type { BatchPainter } from "./image-source";

/** A fixed noise image of the network: in its place each image gets one of its own where noise is random. */
const NOISE_PATH = /(^|\/)noise$/;

/**
 * Images of a trained GAN. Latents and noise of an image are drawn from its seed alone, in JavaScript, so that they
 * are the same on every backend; the network runs as one graph.
 */
export class GanImages implements BatchPainter {
  private readonly compiled: CompiledFunction;
  private readonly noise: readonly (readonly [string, tf.Variable])[];
  private readonly unused = Rng.fromSeed(0); // the graph draws nothing

  /**
   * @param rng Of all images.
   * @param lod What a growing network has grown to; default: what was saved with it.
   */
  constructor(
    private readonly generator: Generator | StyleGenerator,
    private readonly sampling: Pick<GanSampling, "truncation" | "noise">,
    private readonly rng: Rng,
    lod = levelOfDetailOf(generator.params),
  ) {
    const buffers = [...generator.params.buffers];
    this.noise = sampling.noise === "random" ? buffers.filter(([path]) => NOISE_PATH.test(path)) : [];
    this.compiled = new CompiledFunction(
      ([z, ...noise]) => [this.images(z as tf.Tensor2D, noise, lod)],
      samplingPrecision(),
    );
  }

  paint(seeds: readonly number[]): Uint8Array {
    const inputs = tf.tidy(() => [
      this.draw(seeds, "z", this.generator.latentSize),
      ...this.noise.map(([path, image]) => this.draw(seeds, path, image.size)),
    ]);
    const outputs = this.compiled.run(inputs, this.unused);
    const [images] = outputs;
    if (images === undefined) throw new Error("the generator gave no images");
    const grey = roundedToNearest(images.dataSync());
    tf.dispose([...inputs, ...outputs]);
    return grey;
  }

  dispose(): void {
    this.compiled.dispose();
  }

  private images(z: tf.Tensor2D, noise: readonly tf.Tensor[], lod: number | undefined): tf.Tensor4D {
    const given = new Map(this.noise.map(([, image], i) => [image, noise[i]]));
    const { truncation, noise: kind } = this.sampling;
    return this.generator.apply(z, {
      noise: kind === "random" ? (image) => given.get(image) ?? image : kind,
      ...(lod === undefined ? {} : { lod }),
      ...(truncation === null ? {} : { truncation }),
    });
  }

  /** Normal draws of each image, [N, count]. */
  private draw(seeds: readonly number[], what: string, count: number): tf.Tensor2D {
    const values = new Float32Array(seeds.length * count);
    seeds.forEach((seed, i) => {
      values.set(this.rng.fork("image", seed, what).normals(count), i * count);
    });
    return tf.tensor2d(values, [seeds.length, count]);
  }
}
