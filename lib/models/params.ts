import type { Rng } from "../backend/rng";
import * as tf from "../backend/tf";

/**
 * The trainable variables of a network, named by path (`input0/conv/kernel`), in the order of their making.
 * Initial values depend only on the seed and the path, so adding a layer does not change the others.
 */
export class Params {
  private readonly byPath: Map<string, tf.Variable>;
  private readonly constants: tf.Tensor[];

  constructor(
    private readonly rng: Rng,
    private readonly prefix = "",
    parent?: Params,
  ) {
    this.byPath = parent?.byPath ?? new Map<string, tf.Variable>();
    this.constants = parent?.constants ?? [];
  }

  /** The same set of variables, with a name put before every path. */
  scope(name: string): Params {
    return new Params(this.rng, `${this.prefix}${name}/`, this);
  }

  /** A variable drawn from N(0, standardDeviation^2). */
  normal<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R], standardDeviation = 1): tf.Variable<R> {
    return this.add(name, () => this.draw(name).normal<R>(shape).mul<tf.Tensor<R>>(standardDeviation));
  }

  /** A variable drawn uniformly from [-limit, limit). */
  uniform<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R], limit: number): tf.Variable<R> {
    return this.add(name, () =>
      this.draw(name)
        .uniform<R>(shape)
        .mul(2 * limit)
        .sub<tf.Tensor<R>>(limit),
    );
  }

  /** A variable with one value everywhere. */
  fill<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R], value: number): tf.Variable<R> {
    return this.add(name, () => tf.fill<R>(shape, value));
  }

  /** A fixed tensor that a layer needs as long as the network lives; neither trained nor saved. */
  constant<T extends tf.Tensor>(make: () => T): T {
    const tensor = tf.keep(tf.tidy(make));
    this.constants.push(tensor);
    return tensor;
  }

  /** Every variable by its path. */
  get variables(): ReadonlyMap<string, tf.Variable> {
    return this.byPath;
  }

  /** The number of trainable values. */
  get count(): number {
    return [...this.byPath.values()].reduce((sum, variable) => sum + variable.size, 0);
  }

  /** Frees every variable; the network cannot be used afterwards. */
  dispose(): void {
    this.byPath.forEach((variable) => {
      variable.dispose();
    });
    this.byPath.clear();
    tf.dispose(this.constants.splice(0));
  }

  private draw(name: string): Rng {
    return this.rng.fork(`${this.prefix}${name}`);
  }

  private add<R extends tf.Rank>(name: string, initial: () => tf.Tensor<R>): tf.Variable<R> {
    const path = `${this.prefix}${name}`;
    if (this.byPath.has(path)) throw new Error(`two variables are named ${path}`);
    // tfjs names variables globally; leaving its name out lets two networks of one kind live side by side.
    const variable = tf.tidy(() => tf.variable(initial()));
    this.byPath.set(path, variable);
    return variable;
  }
}
