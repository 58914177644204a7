import type { Rng } from "../../backend/rng";
import * as tf from "../../backend/tf";

/**
 * Random settings of a batch's augmentations, one a sample, as tensors throughout: a compiled function draws
 * them anew each time.
 */
export class AugmentDraws {
  /** @param p Probability of each kind of change, a scalar. */
  constructor(
    private readonly rng: Rng,
    private readonly samples: number,
    readonly p: tf.Scalar,
  ) {}

  /** Uniform in [low, high), [N]. */
  uniform(name: string, low: number, high: number): tf.Tensor1D {
    const draws = this.rng.fork(name, "value").uniform<tf.Rank.R1>([this.samples]);
    return draws.mul(high - low).add<tf.Tensor1D>(low);
  }

  /** Normal, [N]. */
  normal(name: string, deviation: number): tf.Tensor1D {
    return this.rng.fork(name, "value").normal<tf.Rank.R1>([this.samples]).mul(deviation);
  }

  /** 2 to the power of a normal draw, [N]. */
  logNormal(name: string, deviation: number): tf.Tensor1D {
    return tf.pow(2, this.normal(name, deviation));
  }

  /** Normal directions, [N, length]. */
  vectors(name: string, length: number): tf.Tensor2D {
    return this.rng.fork(name, "value").normal<tf.Rank.R2>([this.samples, length]);
  }

  /**
   * The value for the samples that are changed, `neutral` for the others.
   *
   * @param chance Of each sample: a factor on p, or a scalar of its own.
   */
  sometimes(name: string, chance: number | tf.Scalar, value: tf.Tensor1D, neutral: number): tf.Tensor1D {
    const draws = this.rng.fork(name, "chance").uniform<tf.Rank.R1>([this.samples]);
    const limit = typeof chance === "number" ? this.p.mul(chance) : chance;
    const changed = draws.less(limit).toFloat();
    return value.sub(neutral).mul(changed).add<tf.Tensor1D>(neutral);
  }
}

/** A matrix a sample: numbers are the same for all, vectors [N] are not. [N, rows, columns]. */
export function matrices(rows: readonly (readonly (tf.Tensor1D | number)[])[], samples: number): tf.Tensor3D {
  const columns = rows[0]?.length ?? 0;
  const entries = rows.flat().map((entry) => (typeof entry === "number" ? tf.fill([samples], entry) : entry));
  return tf.stack(entries, 1).reshape([samples, rows.length, columns]);
}
