import { nativeBackend } from "./native-ops";
import { philox, type Key } from "./philox";
import * as tf from "./tf";

export type { Key };

/**
 * Random numbers as a pure function of a seed and a path of names. An Rng has no state: the same draw from
 * the same Rng gives the same numbers, so every draw takes a fork of its own (`rng.fork("noise", step)`).
 * Nothing has to be saved for a resumed run to draw what the uninterrupted one would have drawn.
 */
export class Rng {
  private constructor(
    /** What every draw depends on: two 32-bit words. */
    readonly key: Key,
    private readonly watch?: Watch,
  ) {}

  /** @param seed Any integer; its lower 32 bits and the next 21 count. */
  static fromSeed(seed: number): Rng {
    return new Rng([seed | 0, Math.floor(seed / 2 ** 32) | 0]).fork("synthmr");
  }

  /** An independent Rng for each different path of names and numbers. */
  fork(...path: readonly (string | number)[]): Rng {
    const words = new Uint32Array(4);
    let key = this.key;
    for (const part of path) {
      const [tag, low, high] =
        typeof part === "number" ? [1, part | 0, Math.floor(part / 2 ** 32) | 0] : [2, ...hashText(part)];
      philox(key, [low, high, tag, 0], words);
      key = [words[0] ?? 0, words[1] ?? 0];
    }
    return new Rng(key, this.watch && { ...this.watch, path: [...this.watch.path, ...path] });
  }

  /** The same Rng, whose tensor draws ask `watcher` for their seeds. It cannot draw numbers in JavaScript. */
  watchedBy(watcher: DrawWatcher): Rng {
    return new Rng(this.key, { watcher, path: [] });
  }

  /** Standard normal draws, a tensor of the given shape. */
  normal<R extends tf.Rank>(shape: tf.ShapeMap[R]): tf.Tensor<R> {
    return this.draw<R>("StatelessRandomNormal", shape, (count) => this.normals(count));
  }

  /** Uniform draws in [0, 1), a tensor of the given shape. */
  uniform<R extends tf.Rank>(shape: tf.ShapeMap[R]): tf.Tensor<R> {
    // Rounded down to 24 bits: the nearest float32 of a draw just below 1 would be 1.
    return this.draw<R>("StatelessRandomUniform", shape, (count) =>
      Float32Array.from(this.uniforms(count), (u) => Math.floor(u * 2 ** 24) / 2 ** 24),
    );
  }

  /** Uniform draws in [0, 1) of 32 bits each; the same on every backend and machine. */
  uniforms(count: number): Float64Array {
    const stream = this.stream();
    return Float64Array.from({ length: count }, () => stream.uniform());
  }

  /** Standard normal draws; the same on every backend and machine. */
  normals(count: number): Float32Array {
    const stream = this.stream();
    return Float32Array.from({ length: count }, () => stream.normal());
  }

  /** The integers 0 to count - 1 in random order (Fisher-Yates). */
  permutation(count: number): Uint32Array {
    const stream = this.stream();
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = stream.integer(i + 1);
      [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
    }
    return order;
  }

  /** Draws one after another, for code that needs single numbers in a fixed order. */
  stream(): RngStream {
    if (this.watch !== undefined)
      throw new Error("numbers drawn in JavaScript cannot vary in a recorded graph");
    return new RngStream(this.key);
  }

  private draw<R extends tf.Rank>(
    operation: string,
    shape: tf.ShapeMap[R],
    portable: (count: number) => Float32Array,
  ): tf.Tensor<R> {
    const native = nativeBackend();
    if (native === undefined) return tf.tensor<R>(portable(tf.util.sizeFromShape(shape)), shape, "float32");
    const { TF_ATTR_TYPE, TF_FLOAT, TF_INT32 } = native.binding;
    const attributes = [
      { name: "dtype", type: TF_ATTR_TYPE, value: TF_FLOAT },
      { name: "T", type: TF_ATTR_TYPE, value: TF_INT32 },
      { name: "Tseed", type: TF_ATTR_TYPE, value: TF_INT32 },
    ];
    return tf.tidy(() => {
      const dims = tf.tensor1d([...shape], "int32");
      const seed = this.watch?.watcher.seed(this.watch.path, this.key) ?? tf.tensor1d([...this.key], "int32");
      return native.executeSingleOutput(operation, attributes, [dims, seed]) as tf.Tensor<R>;
    });
  }
}

/** Gives tensor draws their seeds while a graph is recorded. */
export interface DrawWatcher {
  /** @param path The forks from the watched Rng to the one that draws. @returns Its key, int32 [2]. */
  seed(path: readonly (string | number)[], key: Key): tf.Tensor1D;
}

interface Watch {
  readonly watcher: DrawWatcher;
  readonly path: readonly (string | number)[];
}

/** A position in one stream of numbers. */
export class RngStream {
  private readonly words = new Uint32Array(4);
  private block = 0;
  private used = 4;
  private spareNormal: number | undefined;

  constructor(private readonly key: Key) {}

  /** A uniform draw in [0, 1), 32 bits. */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.word() / 2 ** 32);
  }

  /** A normal draw (Box-Muller). */
  normal(mean = 0, standardDeviation = 1): number {
    let value = this.spareNormal;
    this.spareNormal = undefined;
    if (value === undefined) {
      const radius = Math.sqrt(-2 * Math.log((this.word() + 1) / 2 ** 32));
      const angle = 2 * Math.PI * (this.word() / 2 ** 32);
      value = radius * Math.cos(angle);
      this.spareNormal = radius * Math.sin(angle);
    }
    return mean + standardDeviation * value;
  }

  /** An integer in [0, bound); the bias is below bound / 2^32. */
  integer(bound: number): number {
    return Math.floor((this.word() / 2 ** 32) * bound);
  }

  private word(): number {
    if (this.used === 4) {
      philox(this.key, [this.block++, 0, 3, 0], this.words);
      this.used = 0;
    }
    return this.words[this.used++] ?? 0;
  }
}

/** Two 32-bit words of a text: FNV-1a from two starting points. */
function hashText(text: string): [number, number] {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(i), 0x85ebca6b);
  }
  return [a | 0, b | 0];
}
