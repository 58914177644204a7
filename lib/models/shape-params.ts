import { Rng } from "../backend/rng";
import type * as tf from "../backend/tf";
import { Params } from "./params";

/**
 * Stands in for the parameters of a network that is declared but never computes: it knows their shapes and
 * allocates nothing, so that networks of any size can be counted and checked.
 */
export class ShapeParams extends Params {
  constructor(prefix = "", parent?: ShapeParams) {
    super(Rng.fromSeed(0), prefix, parent);
  }

  override scope(name: string): ShapeParams {
    return new ShapeParams(`${this.prefix}${name}/`, this);
  }

  /** A placeholder: a network's constructor only declares, so it may look at the shape, but computes nothing. */
  override constant<T extends tf.Tensor>(): T {
    return {} as T;
  }

  /** The number of all values, buffers included. */
  get total(): number {
    return [...this.buffers.values()].reduce((sum, { size }) => sum + size, this.count);
  }

  override dispose(): void {
    // Nothing was allocated.
  }

  protected override add<R extends tf.Rank>(
    values: Map<string, tf.Variable>,
    name: string,
    shape: tf.ShapeMap[R],
  ): tf.Variable<R> {
    const axes: readonly number[] = shape;
    const size = axes.reduce((product, length) => product * length, 1);
    const placeholder = { shape, rank: axes.length, size } as unknown as tf.Variable<R>;
    values.set(this.newPath(name), placeholder);
    return placeholder;
  }
}
