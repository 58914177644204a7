import type { Rng } from "../../backend/rng";
import type { AugmentationConfig } from "../../data/augmentation/augmentation-config";
import type { SliceSource } from "../../data/sharded-slices";
import type { SliceSet } from "../../data/slice-set";
import { InputError } from "../../errors";
import { Params } from "../../models/params";
import { BestWeights, type Validation } from "../loop/best-weights";
import { joinParts, partOf } from "../loop/saved-state";
import { ignoreBackground, stepsOf } from "./segmentation";
import { SegmentationBatches } from "./segmentation-batches";
import { inputLayout, inputTensor } from "./segmentation-input";
import { validationDice, type ValidationScore } from "./segmentation-prediction";
import {
  segmentationRecipe,
  type SegmentationNetwork,
  type SegmentationRecipe,
  type SegmentationSetup,
} from "./segmentation-recipe";
import { balancedReader } from "./segmentation-slices";
import { segmentationGradient, segmentationStep, type SegmentationStepParts } from "./segmentation-step";
import { SegmentationWeights } from "./segmentation-weights";
import {
  runTraining,
  type LoopOptions,
  type TrainingOutcome,
  type TrainingTask,
} from "../loop/training-loop";

/** The network, its recipe and everything else that a training is made of. */
export type TrainSegmentationOptions = SegmentationSetup & {
  readonly train: SliceSource;
  /** Further slices, each set seen about as often as the others, as the study mixes real and synthetic ones. */
  readonly mixedWith?: readonly SliceSource[];
  /** Chooses the best weights: real subjects where real images are trained on, else synthetic slices. */
  readonly validation: { readonly set: SliceSet; readonly score: ValidationScore };
  /** Random changes of the training slices; left out: none. The study's: STUDY_AUGMENTATION. */
  readonly augmentation?: AugmentationConfig;
  /** Threads that prepare augmented batches; default: one fewer than there are processors, at most 4. */
  readonly workers?: number;
  /** Checkpoints and log; an unfinished run found there goes on. */
  readonly folder: string;
  /** Names config, augmentation and data. */
  readonly configHash: string;
  readonly rng: Rng;
  readonly loop: LoopOptions;
};

/** A trained network with its best weights in place. */
export interface TrainedSegmentation {
  readonly network: SegmentationNetwork;
  readonly params: Params;
  readonly outcome: TrainingOutcome;
  /** Every look at the validation set, in order. */
  readonly validations: readonly Validation[];
  /** The one whose weights the network has. */
  readonly best: Validation;
}

/**
 * Trains the study's U-Net or Swin transformer on slices, from its last checkpoint if there is one, and keeps the
 * weights with the best validation Dice.
 *
 * @throws InputError if there are fewer slices than one batch, or none to validate on.
 */
export async function trainSegmentation(options: TrainSegmentationOptions): Promise<TrainedSegmentation> {
  const { validation, rng } = options;
  const recipe = segmentationRecipe(options);
  const batches = openBatches(options, recipe);
  const params = new Params(rng.fork("initial"));
  const network = recipe.build(params);
  const weights = new SegmentationWeights(params);
  const { parameters, moving } = weights;
  const optimizer = recipe.optimizer(parameters);
  const gradient = segmentationGradient(network, recipe, params, parameters, moving);
  const best = new BestWeights();
  try {
    if (validation.set.count === 0)
      throw new InputError(validation.set.source, "has no slice to validate on");
    const task = segmentationTask(options, { recipe, network, weights, gradient, optimizer, best, batches });
    const outcome = await runTraining(task, options.loop);
    const chosen = best.best;
    weights.writeTo(chosen.weights);
    return { network, params, outcome, validations: best.validations, best: chosen.validation };
  } catch (error) {
    params.dispose();
    throw error;
  } finally {
    gradient.dispose();
    weights.dispose();
    optimizer.dispose();
    best.dispose();
    await batches.close();
  }
}

function openBatches(options: TrainSegmentationOptions, { budget }: SegmentationRecipe): SegmentationBatches {
  const { train, mixedWith = [], augmentation, workers, rng } = options;
  const sources = [train, ...mixedWith];
  const slices = balancedReader(sources);
  const { batchSize } = budget;
  if (slices.count < batchSize)
    throw new InputError(
      sources.map(({ source }) => source).join("; "),
      `has ${slices.count} slices, fewer than one batch of ${batchSize}`,
    );
  return new SegmentationBatches({
    slices,
    layout: inputLayout(options.network, slices.size),
    batchSize,
    totalSteps: stepsOf(budget),
    rng,
    ...(augmentation === undefined ? {} : { augmentation }),
    ...(workers === undefined ? {} : { workers }),
  });
}

interface TaskParts extends SegmentationStepParts {
  readonly recipe: SegmentationRecipe;
  readonly network: SegmentationNetwork;
  readonly weights: SegmentationWeights;
  readonly best: BestWeights;
  readonly batches: SegmentationBatches;
}

/** The run as the loop sees it: batches and draws depend on the step's index alone. */
function segmentationTask(options: TrainSegmentationOptions, parts: TaskParts): TrainingTask {
  const { validation, rng, folder, configHash } = options;
  const { recipe, network, weights, optimizer, best, batches } = parts;
  const { batchSize, validateEveryImages } = recipe.budget;
  const totalSteps = stepsOf(recipe.budget);
  const validateEvery = Math.max(1, Math.round(validateEveryImages / batchSize));
  return {
    folder,
    configHash,
    totalSteps,
    imagesBefore: (step) => step * batchSize,
    learningRate: (step) => recipe.learningRate(step),
    step: async (index) => {
      const batch = await batches.batch(index);
      const labels = ignoreBackground(
        batch.labels,
        recipe.ignoredShare(index),
        rng.fork("background", index),
      );
      const input = inputTensor(batch, batches.layout);
      const rate = recipe.learningRate(index);
      const loss = segmentationStep(parts, input, labels, rate, rng.fork("step", index));
      input.dispose();
      return loss;
    },
    afterStep: (stepsDone) => {
      if (stepsDone % validateEvery !== 0 && stepsDone !== totalSteps) return;
      weights.writeTo();
      const score = validationDice(network, validation.set, validation.score, batchSize);
      const joined = weights.joined();
      best.consider({ imagesSeen: stepsDone * batchSize, dice: score }, joined);
      joined.dispose();
    },
    save: () => joinParts({ ...weights.state(), optimizer: optimizer.state(), best: best.state() }),
    restore: (state) => {
      weights.restore(state);
      optimizer.restore(partOf(state, "optimizer"));
      best.restore(partOf(state, "best"));
    },
  };
}
