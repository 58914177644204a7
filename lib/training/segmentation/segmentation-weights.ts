import * as tf from "../../backend/tf";
import type { Params } from "../../models/params";
import { ParameterVector } from "../optimizers/parameter-vector";
import { partOf, savedVector, toVector, type SavedState } from "../loop/saved-state";

/** Everything of a network that training changes: its parameters, and its buffers where it has some. */
export class SegmentationWeights {
  readonly parameters: ParameterVector;
  /** Running means and the like. */
  readonly moving: ParameterVector | undefined;

  constructor(params: Params) {
    this.parameters = new ParameterVector(params);
    if (params.buffers.size > 0) this.moving = new ParameterVector({ variables: params.buffers });
  }

  /** Present values of both as one vector, which the caller disposes of. */
  joined(): tf.Tensor1D {
    const { parameters, moving } = this;
    return moving === undefined ? parameters.values.clone() : tf.concat1d([parameters.values, moving.values]);
  }

  /** Writes the present values, or others that were joined, into the network. */
  writeTo(joined?: tf.Tensor1D): void {
    if (joined === undefined) {
      this.parameters.writeTo();
      this.moving?.writeTo();
      return;
    }
    tf.tidy(() => {
      const [count, rest] = [this.parameters.size, this.moving?.size ?? 0];
      this.parameters.writeTo(joined.slice<tf.Tensor1D>(0, count));
      this.moving?.writeTo(joined.slice<tf.Tensor1D>(count, rest));
    });
  }

  /** By part, as a checkpoint holds it. */
  state(): Record<string, SavedState> {
    const vector = ({ values }: ParameterVector) => new Map([["values", savedVector(values)]]);
    const moving = this.moving === undefined ? {} : { moving: vector(this.moving) };
    return { parameters: vector(this.parameters), ...moving };
  }

  restore(state: SavedState): void {
    this.parameters.assign(toVector(partOf(state, "parameters"), "values"));
    this.moving?.assign(toVector(partOf(state, "moving"), "values"));
  }

  dispose(): void {
    this.parameters.dispose();
    this.moving?.dispose();
  }
}
