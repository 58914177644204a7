import * as tf from "../../backend/tf";

/**
 * All variables of a network as one vector, in the order of their making. Optimizers and averages then
 * cost a handful of operations, however many layers there are. The vector is the master copy: the network's
 * variables hold what was last written into them, so write before the network is used outside training steps.
 */
export class ParameterVector {
  private readonly entries: readonly (readonly [string, tf.Variable])[];
  private readonly sizes: number[];
  private master: tf.Tensor1D;

  /** @param params A network's parameters, or its buffers under the same name. */
  constructor(params: { readonly variables: ReadonlyMap<string, tf.Variable> }) {
    this.entries = [...params.variables];
    this.sizes = this.entries.map(([, variable]) => variable.size);
    this.master = tf.keep(this.gather(params.variables));
  }

  /** The present values, [F]. Owned by this object: do not dispose. */
  get values(): tf.Tensor1D {
    return this.master;
  }

  /** The number of values, F. */
  get size(): number {
    return this.master.size;
  }

  /**
   * Joins one tensor a variable to a vector, [F].
   *
   * @throws Error if a variable's path is missing.
   */
  gather(tensors: ReadonlyMap<string, tf.Tensor>): tf.Tensor1D {
    return tf.tidy(() => {
      const parts = this.entries.map(([path]) => {
        const tensor = tensors.get(path);
        if (tensor === undefined) throw new Error(`no tensor for the variable ${path}`);
        return tensor.reshape<tf.Tensor1D>([-1]);
      });
      return tf.concat1d(parts);
    });
  }

  /** 1 for the values of the variables whose path is chosen, 0 for others, [F]. */
  mask(chosen: (path: string) => boolean): tf.Tensor1D {
    const values = new Float32Array(this.size);
    let offset = 0;
    for (const [path, { size }] of this.entries) {
      if (chosen(path)) values.fill(1, offset, offset + size);
      offset += size;
    }
    return tf.tensor1d(values);
  }

  /** Takes over `values` (and frees it later) as the new parameters; the variables stay as they are. */
  assign(values: tf.Tensor1D): void {
    this.master.dispose();
    this.master = tf.keep(values);
  }

  /** Writes the parameters, or other values (an average, say), into the variables. */
  writeTo(values: tf.Tensor1D = this.master): void {
    tf.tidy(() => {
      const parts = tf.split(values, this.sizes);
      this.entries.forEach(([, variable], i) => {
        const part = parts[i];
        if (part !== undefined) variable.assign(part.reshape(variable.shape));
      });
    });
  }

  dispose(): void {
    this.master.dispose();
  }
}
