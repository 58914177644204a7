import type { Rng } from "../../backend/rng";
import * as tf from "../../backend/tf";
import type { Params } from "../../models/params";
import { CLASS_COUNT } from "../../shape";
import { GradientFunction } from "../optimizers/gradients";
import type { Optimizer } from "../optimizers/optimizers";
import type { ParameterVector } from "../optimizers/parameter-vector";
import { labelTensors, segmentationLoss, type LabelTensors } from "./segmentation-loss";
import type { SegmentationNetwork, SegmentationRecipe } from "./segmentation-recipe";

/** What a segmentation step trains and by what. */
export interface SegmentationStepParts {
  readonly gradient: GradientFunction;
  readonly optimizer: Optimizer;
}

/**
 * The study's loss of a network and its gradient; its inputs are images and the three label tensors.
 *
 * @param moving The network's buffers, if it has any.
 */
export function segmentationGradient(
  network: SegmentationNetwork,
  { levelWeights, dice }: Pick<SegmentationRecipe, "levelWeights" | "dice">,
  params: Params,
  parameters: ParameterVector,
  moving?: ParameterVector,
): GradientFunction {
  return new GradientFunction(
    params,
    parameters,
    ([images, oneHot, counted, count], rng) => {
      const labels = { oneHot, counted, count } as LabelTensors;
      return segmentationLoss(network.apply(images as tf.Tensor4D, rng), labels, levelWeights, dice);
    },
    moving,
  );
}

/**
 * One optimizer step on the study's loss.
 *
 * @param images As the network reads them, [N, H, W, C].
 * @param labels Class index or IGNORED_LABEL of each pixel of the network's output, [N, H', W'] flattened.
 * @param rng Of this step alone.
 * @returns The loss before the step: 1 less than cross entropy at best.
 */
export function segmentationStep(
  { gradient: gradientOf, optimizer }: SegmentationStepParts,
  images: tf.Tensor4D,
  labels: Uint8Array,
  learningRate: number,
  rng: Rng,
): number {
  const { oneHot, counted, count } = labelTensors(labels, CLASS_COUNT);
  const { loss, gradient } = gradientOf.run([images, oneHot, counted, count], rng);
  const value = loss.dataSync()[0] ?? Number.NaN;
  // A step on a loss that is not finite would spoil weights that may still be looked at.
  if (Number.isFinite(value)) optimizer.step(gradient, learningRate);
  tf.dispose([oneHot, counted, count, loss, gradient]);
  return value;
}
