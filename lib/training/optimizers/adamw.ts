import * as tf from "../../backend/tf";
import { Adam, ADAM_DEFAULTS, type AdamConfig, type Optimizer } from "./optimizers";
import type { ParameterVector } from "./parameter-vector";
import type { SavedState } from "../loop/saved-state";

export interface AdamWConfig extends AdamConfig {
  /** Share of a value, times the learning rate, that an update takes off it. */
  readonly weightDecay: number;
  /** Whether the variable of this path decays. */
  readonly decays: (path: string) => boolean;
}

/**
 * The study's Swin: decay 0.01, but for the transformer's norms and its biases of relative positions. In
 * MMSegmentation 0.x the exemption is by names that contain "norm"; the batch norms of the heads are named "bn"
 * there (`ConvModule` of mmcv) and decay.
 */
export const SWIN_ADAMW = {
  ...ADAM_DEFAULTS,
  weightDecay: 0.01,
  decays: (path) => !/^backbone\/(.*\/)?(norm\d*|biasTable)(\/|$)/.test(path),
} as const satisfies AdamWConfig;

/**
 * Adam whose weight decay does not pass through the moments.
 *
 * @see Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2; torch.optim.AdamW.
 */
export class AdamW implements Optimizer {
  private readonly adam: Adam;
  /** The decay of each value, [F]. */
  private readonly decay: tf.Tensor1D;

  constructor(parameters: ParameterVector, config: AdamWConfig) {
    this.decay = tf.keep(tf.tidy(() => parameters.mask(config.decays).mul<tf.Tensor1D>(config.weightDecay)));
    this.adam = new Adam(parameters, config, this.decay);
  }

  step(gradient: tf.Tensor1D, learningRate: number): void {
    this.adam.step(gradient, learningRate);
  }

  state(): SavedState {
    return this.adam.state();
  }

  restore(state: SavedState): void {
    this.adam.restore(state);
  }

  reset(): void {
    this.adam.reset();
  }

  dispose(): void {
    this.adam.dispose();
    this.decay.dispose();
  }
}
