import * as tf from "../../backend/tf";
import type { SavedState } from "../loop/saved-state";
import { savedCount, savedVector, toCount, toVector } from "../loop/saved-state";
import { adamUpdate } from "./adam-update";
import type { ParameterVector } from "./parameter-vector";

/** An optimizer changes a parameter vector by a gradient, and can be saved and restored exactly. */
export interface Optimizer {
  /**
   * One update.
   *
   * @param gradient Of every value of the parameter vector, [F].
   * @param learningRate The rate of this update: schedules live in the training recipe.
   */
  step(gradient: tf.Tensor1D, learningRate: number): void;
  /** What the next update depends on, by name. */
  state(): SavedState;
  /** Puts saved state back. */
  restore(state: SavedState): void;
  /** Forgets what earlier updates left: as new. */
  reset(): void;
  dispose(): void;
}

export interface AdamConfig {
  /** Decay of the gradient's running mean. */
  readonly beta1: number;
  /** Decay of the squared gradient's running mean. */
  readonly beta2: number;
  /** Added to the root of the second moment. */
  readonly epsilon: number;
}

/** PyTorch's defaults, which guided-diffusion uses (AdamW with weight decay 0 equals Adam). */
export const ADAM_DEFAULTS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const satisfies AdamConfig;

/**
 * Adam with bias correction.
 *
 * @see Kingma and Ba 2015, arXiv 1412.6980, algorithm 1.
 */
export class Adam implements Optimizer {
  private readonly moments: VectorState;

  /** @param decay Of each value, [F], the share that an update takes off it, times the learning rate. */
  constructor(
    private readonly parameters: ParameterVector,
    private readonly config: AdamConfig = ADAM_DEFAULTS,
    private readonly decay?: tf.Tensor1D,
  ) {
    this.moments = new VectorState(["firstMoment", "secondMoment"], parameters.size);
  }

  step(gradient: tf.Tensor1D, learningRate: number): void {
    const { beta1, beta2, epsilon } = this.config;
    const t = this.moments.countUpdate();
    // Bias corrections are scalars: fold them into the rate and epsilon instead of two vector operations.
    const correction2 = Math.sqrt(1 - beta2 ** t);
    const rate = (learningRate * correction2) / (1 - beta1 ** t);
    const { values, firstMoment, secondMoment } = adamUpdate(
      {
        values: this.parameters.values,
        firstMoment: this.moments.get("firstMoment"),
        secondMoment: this.moments.get("secondMoment"),
      },
      gradient,
      { beta1, beta2, rate, epsilon: epsilon * correction2, decayRate: learningRate },
      this.decay,
    );
    this.moments.replace("firstMoment", firstMoment);
    this.moments.replace("secondMoment", secondMoment);
    this.parameters.assign(values);
  }

  state(): SavedState {
    return this.moments.save();
  }

  restore(state: SavedState): void {
    this.moments.restore(state);
  }

  reset(): void {
    this.moments.reset();
  }

  dispose(): void {
    this.moments.dispose();
  }
}

export interface SgdConfig {
  readonly momentum: number;
  /** L2 penalty, added to the gradient before the momentum, as PyTorch does. */
  readonly weightDecay: number;
  /** Gradients longer than this (Euclidean norm over all variables) are shortened to it. */
  readonly clipNorm: number;
}

/**
 * Stochastic gradient descent with Nesterov momentum, in PyTorch's form:
 * b = momentum b + g; p = p - rate (g + momentum b).
 *
 * @see Sutskever et al. 2013, ICML; torch.optim.SGD.
 */
export class SgdNesterov implements Optimizer {
  private readonly moments: VectorState;

  constructor(
    private readonly parameters: ParameterVector,
    private readonly config: SgdConfig,
  ) {
    this.moments = new VectorState(["momentum"], parameters.size);
  }

  step(gradient: tf.Tensor1D, learningRate: number): void {
    const { momentum, weightDecay, clipNorm } = this.config;
    this.moments.countUpdate();
    const updated = tf.tidy(() => {
      // As clip_grad_norm_: the norm is taken before weight decay.
      const shorten = tf.minimum(1, tf.div(clipNorm, gradient.square().sum().sqrt().add(1e-6)));
      const g = gradient.mul(shorten).add<tf.Tensor1D>(this.parameters.values.mul(weightDecay));
      const b = this.moments.replace(
        "momentum",
        this.moments.get("momentum").mul(momentum).add<tf.Tensor1D>(g),
      );
      return this.parameters.values.sub<tf.Tensor1D>(g.add(b.mul(momentum)).mul(learningRate));
    });
    this.parameters.assign(updated);
  }

  state(): SavedState {
    return this.moments.save();
  }

  restore(state: SavedState): void {
    this.moments.restore(state);
  }

  reset(): void {
    this.moments.reset();
  }

  dispose(): void {
    this.moments.dispose();
  }
}

/** Named running vectors of an optimizer, zero at first, and the number of updates. */
class VectorState {
  private readonly vectors = new Map<string, tf.Tensor1D>();
  private updates = 0;

  constructor(
    private readonly names: readonly string[],
    private readonly size: number,
  ) {
    this.reset();
  }

  reset(): void {
    for (const name of this.names) this.replace(name, tf.zeros([this.size]));
    this.updates = 0;
  }

  get(name: string): tf.Tensor1D {
    const vector = this.vectors.get(name);
    if (vector === undefined) throw new Error(`the optimizer has no vector ${name}`);
    return vector;
  }

  /** Frees the old vector and keeps the new one, also beyond the caller's tidy. */
  replace(name: string, vector: tf.Tensor1D): tf.Tensor1D {
    this.vectors.get(name)?.dispose();
    this.vectors.set(name, tf.keep(vector));
    return vector;
  }

  /** @returns The number of this update, from 1. */
  countUpdate(): number {
    return ++this.updates;
  }

  save(): SavedState {
    const vectors = [...this.vectors].map(([name, vector]) => [name, savedVector(vector)] as const);
    return new Map([...vectors, ["updates", savedCount(this.updates)]]);
  }

  restore(state: SavedState): void {
    for (const name of [...this.vectors.keys()]) this.replace(name, toVector(state, name));
    this.updates = toCount(state, "updates");
  }

  dispose(): void {
    this.vectors.forEach((vector) => {
      vector.dispose();
    });
  }
}
