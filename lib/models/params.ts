import type { Rng } from "../backend/rng";
import * as tf from "../backend/tf";

/**
 * The trainable variables of a network, named by path (`input0/conv/kernel`), in the order of their making.
 * Initial values depend only on the seed and the path, so adding a layer does not change the others.
 *
 * Beside them stand its buffers: values under paths of the same kind that are saved with the network but
 * that no gradient moves, such as fixed noise images and running means.
 */
export class Params {
  private readonly byPath: Map<string, tf.Variable>;
  private readonly buffersByPath: Map<string, tf.Variable>;
  private readonly constants: tf.Tensor[];

  constructor(
    protected readonly rng: Rng,
    protected readonly prefix = "",
    parent?: Params,
  ) {
    this.byPath = parent?.byPath ?? new Map<string, tf.Variable>();
    this.buffersByPath = parent?.buffersByPath ?? new Map<string, tf.Variable>();
    this.constants = parent?.constants ?? [];
  }

  /** The same set of variables, with a name put before every path. */
  scope(name: string): Params {
    return new Params(this.rng, `${this.prefix}${name}/`, this);
  }

  /** A variable drawn from N(0, standardDeviation^2). */
  normal<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R], standardDeviation = 1): tf.Variable<R> {
    return this.initial(name, shape, (rng) => normalDraw(rng, shape, standardDeviation));
  }

  /** A variable drawn uniformly from [-limit, limit). */
  uniform<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R], limit: number): tf.Variable<R> {
    return this.initial(name, shape, (rng) => uniformDraw(rng, shape, limit));
  }

  /** A variable with one value everywhere. */
  fill<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R], value: number): tf.Variable<R> {
    return this.initial(name, shape, () => tf.fill<R>(shape, value));
  }

  /** A buffer drawn from N(0, 1). */
  normalBuffer<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R]): tf.Variable<R> {
    return this.initialBuffer(name, shape, (rng) => normalDraw(rng, shape, 1));
  }

  /** A buffer drawn uniformly from [-limit, limit). */
  uniformBuffer<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R], limit: number): tf.Variable<R> {
    return this.initialBuffer(name, shape, (rng) => uniformDraw(rng, shape, limit));
  }

  /** A buffer with one value everywhere. */
  fillBuffer<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R], value: number): tf.Variable<R> {
    return this.initialBuffer(name, shape, () => tf.fill<R>(shape, value));
  }

  /** A variable with initial values of its own. @param make Its values; draws from the `rng` of its path. */
  initial<R extends tf.Rank>(
    name: string,
    shape: tf.ShapeMap[R],
    make: (rng: Rng) => tf.Tensor<R>,
  ): tf.Variable<R> {
    return this.add(this.byPath, name, shape, make);
  }

  /** A buffer with initial values of its own. */
  initialBuffer<R extends tf.Rank>(
    name: string,
    shape: tf.ShapeMap[R],
    make: (rng: Rng) => tf.Tensor<R>,
  ): tf.Variable<R> {
    return this.add(this.buffersByPath, name, shape, make);
  }

  /** A fixed tensor that a layer needs as long as the network lives; neither trained nor saved. */
  constant<T extends tf.Tensor>(make: () => T): T {
    const tensor = tf.keep(tf.tidy(make));
    this.constants.push(tensor);
    return tensor;
  }

  /** Every trainable variable by its path. */
  get variables(): ReadonlyMap<string, tf.Variable> {
    return this.byPath;
  }

  /** Every buffer by its path. */
  get buffers(): ReadonlyMap<string, tf.Variable> {
    return this.buffersByPath;
  }

  /** The number of trainable values. */
  get count(): number {
    return [...this.byPath.values()].reduce((sum, variable) => sum + variable.size, 0);
  }

  /** Frees every variable; the network cannot be used afterwards. */
  dispose(): void {
    for (const values of [this.byPath, this.buffersByPath]) {
      tf.dispose([...values.values()]);
      values.clear();
    }
    tf.dispose(this.constants.splice(0));
  }

  /** Makes a variable. @param values Where it belongs: among the trained ones or the buffers. */
  protected add<R extends tf.Rank>(
    values: Map<string, tf.Variable>,
    name: string,
    _shape: tf.ShapeMap[R],
    make: (rng: Rng) => tf.Tensor<R>,
  ): tf.Variable<R> {
    const path = this.newPath(name);
    // tfjs names variables globally; leaving its name out lets two networks of one kind live side by side.
    const variable = tf.tidy(() => tf.variable(make(this.rng.fork(path))));
    values.set(path, variable);
    return variable;
  }

  /** The path of a variable that is not there yet. */
  protected newPath(name: string): string {
    const path = `${this.prefix}${name}`;
    if (this.byPath.has(path) || this.buffersByPath.has(path))
      throw new Error(`two variables are named ${path}`);
    return path;
  }
}

function normalDraw<R extends tf.Rank>(
  rng: Rng,
  shape: tf.ShapeMap[R],
  standardDeviation: number,
): tf.Tensor<R> {
  return rng.normal<R>(shape).mul<tf.Tensor<R>>(standardDeviation);
}

function uniformDraw<R extends tf.Rank>(rng: Rng, shape: tf.ShapeMap[R], limit: number): tf.Tensor<R> {
  return rng
    .uniform<R>(shape)
    .mul(2 * limit)
    .sub<tf.Tensor<R>>(limit);
}
