import * as tf from "../../backend/tf";
import type { StoredTensor } from "../../storage/safetensors";
import { savedVector, toVector, type SavedState } from "./saved-state";

/** One look at the validation set. */
export interface Validation {
  readonly imagesSeen: number;
  /** A fraction in [0, 1]; NaN where it is not defined. */
  readonly dice: number;
}

/** The weights with the highest validation Dice so far, and the course of the Dice; saved and restored exactly. */
export class BestWeights {
  private readonly course: Validation[] = [];
  private kept: { readonly validation: Validation; readonly weights: tf.Tensor1D } | undefined;

  /** Every validation so far, in order. */
  get validations(): readonly Validation[] {
    return this.course;
  }

  /** @throws Error before the first validation. */
  get best(): { readonly validation: Validation; readonly weights: tf.Tensor1D } {
    if (this.kept === undefined) throw new Error("no weights were validated");
    return this.kept;
  }

  /** Keeps a copy of the weights if they are the best, or the first; of equal ones the earlier stay. */
  consider(validation: Validation, weights: tf.Tensor1D): void {
    this.course.push(validation);
    const before = this.kept?.validation.dice ?? Number.NaN;
    // NaN loses against every number: written so that it does.
    if (this.kept !== undefined && !(validation.dice > before || Number.isNaN(before))) return;
    this.keep(validation, weights.clone());
  }

  state(): SavedState {
    const course = this.course.flatMap(({ imagesSeen, dice }) => [imagesSeen, dice]);
    const saved = new Map<string, StoredTensor>([["course", doubles(course)]]);
    if (this.kept === undefined) return saved;
    const { validation, weights } = this.kept;
    const position = doubles([this.course.indexOf(validation)]);
    return saved.set("position", position).set("weights", savedVector(weights));
  }

  restore(state: SavedState): void {
    const flat = fromDoubles(state.get("course"));
    this.course.length = 0;
    for (let i = 0; i < flat.length; i += 2)
      this.course.push({ imagesSeen: flat[i] ?? 0, dice: flat[i + 1] ?? Number.NaN });
    const validation = this.course[fromDoubles(state.get("position"))[0] ?? -1];
    if (validation !== undefined) this.keep(validation, toVector(state, "weights"));
  }

  dispose(): void {
    this.kept?.weights.dispose();
    this.kept = undefined;
  }

  private keep(validation: Validation, weights: tf.Tensor1D): void {
    this.kept?.weights.dispose();
    this.kept = { validation, weights: tf.keep(weights) };
  }
}

/** Numbers as they are stored, without rounding: a resumed run compares what the first one did. */
function doubles(values: readonly number[]): StoredTensor {
  return { dtype: "F64", shape: [values.length], bytes: new Uint8Array(Float64Array.from(values).buffer) };
}

function fromDoubles(stored: StoredTensor | undefined): Float64Array {
  return stored === undefined ? new Float64Array(0) : new Float64Array(Uint8Array.from(stored.bytes).buffer);
}
