import type { Rng } from "../backend/rng";
import { BatchSource } from "../data/batches";
import type { SliceSet } from "../data/slice-set";
import { InputError } from "../errors";
import { Params } from "../models/params";
import { UNet, type UNetConfig } from "../models/unet";
import { BestWeights, type Validation } from "./best-weights";
import { SgdNesterov } from "./optimizers";
import { ParameterVector } from "./parameter-vector";
import { joinParts, partOf, savedVector, toVector } from "./saved-state";
import {
  ignoreBackground,
  ignoredShare,
  polynomialRate,
  segmentationGradient,
  segmentationStep,
  type SegmentationConfig,
  type SegmentationStepParts,
} from "./segmentation";
import { normalisedSequences, paddedLabels } from "./segmentation-input";
import { validationDice, type ValidationScore } from "./segmentation-prediction";
import { runTraining, type LoopOptions, type TrainingOutcome, type TrainingTask } from "./training-loop";

export interface TrainSegmentationOptions {
  readonly network: UNetConfig;
  readonly config: SegmentationConfig;
  readonly train: SliceSet;
  /** Chooses the best weights: real subjects where real images are trained on, else synthetic slices. */
  readonly validation: { readonly set: SliceSet; readonly score: ValidationScore };
  /** Checkpoints and log; an unfinished run found there goes on. */
  readonly folder: string;
  /** Names config and data. */
  readonly configHash: string;
  readonly rng: Rng;
  readonly loop: LoopOptions;
}

/** A trained U-Net with its best weights in place. */
export interface TrainedSegmentation {
  readonly network: UNet;
  readonly params: Params;
  readonly outcome: TrainingOutcome;
  /** Every look at the validation set, in order. */
  readonly validations: readonly Validation[];
  /** The one whose weights the network has. */
  readonly best: Validation;
}

/**
 * Trains the study's U-Net on slices, from its last checkpoint if there is one, and keeps the weights with
 * the best validation Dice.
 *
 * @throws InputError if there are fewer slices than one batch, or none to validate on.
 */
export async function trainSegmentation(options: TrainSegmentationOptions): Promise<TrainedSegmentation> {
  const { config, train, validation, rng } = options;
  if (train.count < config.batchSize)
    throw new InputError(
      train.source,
      `has ${train.count} slices, fewer than one batch of ${config.batchSize}`,
    );
  if (validation.set.count === 0) throw new InputError(validation.set.source, "has no slice to validate on");
  const params = new Params(rng.fork("initial"));
  const network = new UNet(params, options.network);
  const parameters = new ParameterVector(params);
  const optimizer = new SgdNesterov(parameters, config.optimizer);
  const gradient = segmentationGradient(network, params, parameters);
  const best = new BestWeights();
  try {
    const task = segmentationTask(options, { network, gradient, parameters, optimizer, best });
    const outcome = await runTraining(task, options.loop);
    const chosen = best.best;
    parameters.writeTo(chosen.weights);
    return { network, params, outcome, validations: best.validations, best: chosen.validation };
  } catch (error) {
    params.dispose();
    throw error;
  } finally {
    gradient.dispose();
    parameters.dispose();
    optimizer.dispose();
    best.dispose();
  }
}

interface TaskParts extends SegmentationStepParts {
  readonly network: UNet;
  readonly parameters: ParameterVector;
  readonly best: BestWeights;
}

/** The run as the loop sees it: batches and draws depend on the step's index alone. */
function segmentationTask(options: TrainSegmentationOptions, parts: TaskParts): TrainingTask {
  const { config, train, validation, rng, folder, configHash } = options;
  const { network, parameters, optimizer, best } = parts;
  const { batchSize } = config;
  const batches = new BatchSource(train, rng.fork("batches"), batchSize);
  const totalSteps = Math.ceil(config.images / batchSize);
  const validateEvery = Math.max(1, Math.round(config.validateEveryImages / batchSize));
  const rateAt = (step: number) => polynomialRate(config, step * batchSize);
  return {
    folder,
    configHash,
    totalSteps,
    batchSize,
    learningRate: rateAt,
    step: (index) => {
      const indices = batches.batchIndices(index);
      const share = ignoredShare(config, index * batchSize);
      const classes = paddedLabels(train, indices, options.network);
      const labels = ignoreBackground(classes, share, rng.fork("background", index));
      const input = normalisedSequences(train, indices, options.network);
      const loss = segmentationStep(parts, input, labels, rateAt(index), rng.fork("step", index));
      input.dispose();
      return loss;
    },
    afterStep: (stepsDone) => {
      if (stepsDone % validateEvery !== 0 && stepsDone !== totalSteps) return;
      parameters.writeTo();
      const score = validationDice(network, validation.set, validation.score, batchSize);
      best.consider({ imagesSeen: stepsDone * batchSize, dice: score }, parameters.values);
    },
    save: () =>
      joinParts({
        parameters: new Map([["values", savedVector(parameters.values)]]),
        optimizer: optimizer.state(),
        best: best.state(),
      }),
    restore: (state) => {
      parameters.assign(toVector(partOf(state, "parameters"), "values"));
      optimizer.restore(partOf(state, "optimizer"));
      best.restore(partOf(state, "best"));
    },
  };
}
