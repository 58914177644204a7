import type { Rng } from "../../backend/rng";
import type * as tf from "../../backend/tf";
import type { Params } from "../../models/params";
import { UNet, type UNetConfig } from "../../models/unet/unet";
import { UPerNetSwin, type UPerNetSwinConfig } from "../../models/swin/upernet-swin";
import { AdamW, SWIN_ADAMW } from "../optimizers/adamw";
import { SgdNesterov, type Optimizer } from "../optimizers/optimizers";
import type { ParameterVector } from "../optimizers/parameter-vector";
import {
  ignoredShare,
  polynomialRate,
  warmedRate,
  type SegmentationBudget,
  type SegmentationConfig,
  type SwinSegmentationConfig,
} from "./segmentation";
import { deepSupervisionWeights, SWIN_DICE, UNET_DICE, type DiceTerm } from "./segmentation-loss";

/** A network that segments slices; inputs are laid out as its config asks for (see inputLayout). */
export interface SegmentationNetwork {
  readonly config: UNetConfig | UPerNetSwinConfig;
  /**
   * @param images [N, H, W, C].
   * @param rng Given in training, for what a network leaves out at random.
   * @returns Logits that the loss sees, the prediction first, [N, H', W', classes] each.
   */
  apply(images: tf.Tensor4D, rng?: Rng): tf.Tensor4D[];
  /** @returns The prediction's logits alone. */
  predict(images: tf.Tensor4D): tf.Tensor4D;
}

/** A network and how it is trained. */
export type SegmentationSetup =
  | { readonly network: UNetConfig; readonly config: SegmentationConfig }
  | { readonly network: UPerNetSwinConfig; readonly config: SwinSegmentationConfig };

/** What training one kind of network needs beside the steps that are common to all. */
export interface SegmentationRecipe {
  readonly budget: SegmentationBudget;
  build(params: Params): SegmentationNetwork;
  optimizer(parameters: ParameterVector): Optimizer;
  /** The learning rate of a step. */
  learningRate(step: number): number;
  /** The share of the background that a step ignores. */
  ignoredShare(step: number): number;
  /** Weight of each of the network's outputs in the loss. */
  readonly levelWeights: readonly number[];
  readonly dice: DiceTerm;
}

/** The study's recipe for a kind of network. */
export function segmentationRecipe(setup: SegmentationSetup): SegmentationRecipe {
  return isSwin(setup) ? swinRecipe(setup.network, setup.config) : unetRecipe(setup.network, setup.config);
}

function isSwin(
  setup: SegmentationSetup,
): setup is Extract<SegmentationSetup, { network: UPerNetSwinConfig }> {
  return "backbone" in setup.network;
}

function unetRecipe(network: UNetConfig, config: SegmentationConfig): SegmentationRecipe {
  return {
    budget: config,
    build: (params) => new UNet(params, network),
    optimizer: (parameters) => new SgdNesterov(parameters, config.optimizer),
    learningRate: (step) => polynomialRate(config, step * config.batchSize),
    ignoredShare: (step) => ignoredShare(config, step * config.batchSize),
    levelWeights: deepSupervisionWeights(network.depth - 1),
    dice: UNET_DICE,
  };
}

function swinRecipe(network: UPerNetSwinConfig, config: SwinSegmentationConfig): SegmentationRecipe {
  return {
    budget: config,
    build: (params) => new UPerNetSwin(params, network),
    optimizer: (parameters) => new AdamW(parameters, { ...config.optimizer, decays: SWIN_ADAMW.decays }),
    learningRate: (step) => warmedRate(config, step),
    ignoredShare: () => 0,
    levelWeights: [1, config.auxiliaryWeight],
    dice: SWIN_DICE,
  };
}
