import * as tf from "../../backend/tf";
import type { GenerateOptions, StyleGenerator } from "../gan";

/**
 * The styles of a batch: with the chance `mixing`, a second draw takes over from a random layer on, the same
 * layer for the whole batch. Both choices are tensors, so that a compiled function makes them anew each time.
 *
 * @param z [N, D]. @returns [N, L, W].
 * @throws Error if styles are to be mixed without an `rng`.
 * @see Karras et al. 2019, arXiv 1812.04948, section 3.1.
 */
export function mixedStyles(
  generator: StyleGenerator,
  z: tf.Tensor2D,
  options: GenerateOptions,
): tf.Tensor3D {
  const { mixing = 0, rng } = options;
  if (mixing === 0) return generator.map(z, options);
  if (rng === undefined) throw new Error("style mixing needs random numbers");
  return tf.tidy(() => {
    const w = generator.map(z, options);
    const second = rng.fork("mixing", "z").normal<tf.Rank.R2>(z.shape);
    const other = generator.map(second, { ...options, updateAverages: false });
    // The first layer of the second draw, 1 to layers - 1; beyond the last where the batch is not mixed.
    const layers = layersInUse(generator.layerCount, options.lod);
    const [chance, place] = tf.unstack(rng.fork("mixing", "cut").uniform<tf.Rank.R1>([2]));
    if (chance === undefined || place === undefined) throw new Error("two draws gave fewer numbers");
    const cut = place
      .mul(layers - 1)
      .floor()
      .add(1);
    const unmixed = chance.greaterEqual(mixing).toFloat().mul(generator.layerCount);
    const taken = tf
      .range(0, generator.layerCount)
      .greaterEqual(cut.add(unmixed))
      .toFloat()
      .reshape([1, generator.layerCount, 1]);
    return w.add<tf.Tensor3D>(other.sub(w).mul(taken));
  });
}

/** Of a growing network, the layers of the levels that it has: two a level. */
function layersInUse(layers: number, lod: GenerateOptions["lod"] = 0): number {
  return layers - 2 * (typeof lod === "number" ? Math.floor(lod) : lod.whole);
}
