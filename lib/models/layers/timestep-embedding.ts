import * as tf from "../../backend/tf";

/** Longest period of the sinusoids, in timesteps. */
const MAX_PERIOD = 10000;

/**
 * Sinusoidal embedding of timesteps: cosines, then sines, of geometrically spaced frequencies.
 *
 * @param timesteps Step numbers, [N]; may be fractional.
 * @param size Length of the embedding, even.
 * @returns [N, D].
 * @see Vaswani et al. 2017, arXiv 1706.03762, section 3.5; `timestep_embedding` of guided-diffusion.
 */
export function timestepEmbedding(timesteps: tf.Tensor1D, size: number): tf.Tensor2D {
  if (size % 2 !== 0) throw new RangeError(`the embedding size must be even, not ${size}`);
  return tf.tidy(() => {
    const half = size / 2;
    // Rounded step by step as in the reference: the last digit of a frequency counts a thousandfold.
    const frequencies = Float32Array.from({ length: half }, (_, i) =>
      Math.exp(Math.fround(Math.fround(Math.fround(-Math.log(MAX_PERIOD)) * i) / half)),
    );
    const angles = timesteps
      .toFloat()
      .expandDims<tf.Tensor2D>(1)
      .mul(tf.tensor2d(frequencies, [1, half])); // [N, D / 2]
    return tf.concat2d([angles.cos(), angles.sin()] as tf.Tensor2D[], 1);
  });
}
