import type { Rng } from "../../backend/rng";
import { BatchSource, imagesToTensor } from "../../data/batches";
import type { SliceSource } from "../../data/sharded-slices";
import { InputError } from "../../errors";
import type { PredictionTarget } from "../../models/diffusion/diffusion-process";
import { DiffusionUNet, type DiffusionUNetConfig } from "../../models/diffusion/diffusion-unet";
import { noiseSchedule, type NoiseSchedule, type ScheduleName } from "../../models/diffusion/noise-schedule";
import { Params } from "../../models/params";
import { diffusionGradient, diffusionStep, type LossWeighting } from "./diffusion";
import { Ema, type EmaConfig } from "../optimizers/ema";
import { learningRateAt, type LearningRateConfig } from "../optimizers/learning-rate";
import { Adam } from "../optimizers/optimizers";
import { ParameterVector } from "../optimizers/parameter-vector";
import { joinParts, partOf, savedVector, toVector } from "../loop/saved-state";
import { runTraining, type LoopOptions, type TrainingOutcome } from "../loop/training-loop";

/** The diffusion model and its training. The study's values: `STUDY_DIFFUSION`. */
export interface DiffusionConfig {
  readonly network: DiffusionUNetConfig;
  readonly schedule: { readonly name: ScheduleName; readonly steps: number };
  /** What the network predicts; the study: the noise. */
  readonly target: PredictionTarget;
  /** How the loss counts each step; the study: "simple". */
  readonly weighting: LossWeighting;
  readonly training: {
    /** Images seen in all. */
    readonly images: number;
    readonly batchSize: number;
    readonly learningRate: LearningRateConfig;
    readonly ema: EmaConfig;
  };
}

/** A trained denoiser with its averaged weights in place. */
export interface TrainedDiffusion {
  readonly network: DiffusionUNet;
  readonly params: Params;
  readonly outcome: TrainingOutcome;
}

/** A look at the denoiser now and then during its training. */
export interface DiffusionWatch {
  readonly everyImages: number;
  /** @param denoiser With its averaged weights in place. */
  see(denoiser: DiffusionUNet, imagesSeen: number): void | Promise<void>;
}

export interface TrainDiffusionOptions {
  readonly config: DiffusionConfig;
  readonly slices: SliceSource;
  /** Checkpoints and log; an unfinished run found there goes on. */
  readonly folder: string;
  /** Names config and data. */
  readonly configHash: string;
  readonly rng: Rng;
  readonly loop: LoopOptions;
  readonly watch?: DiffusionWatch;
}

/**
 * Trains a diffusion model on slices (all five channels), from its last checkpoint if there is one.
 *
 * @throws InputError if there are fewer slices than one batch.
 */
export async function trainDiffusion(options: TrainDiffusionOptions): Promise<TrainedDiffusion> {
  const { config, slices, folder, configHash, rng, watch } = options;
  const { batchSize, images, learningRate } = config.training;
  if (slices.count < batchSize)
    throw new InputError(slices.source, `has ${slices.count} slices, fewer than one batch of ${batchSize}`);
  const params = new Params(rng.fork("initial"));
  const network = new DiffusionUNet(params, config.network);
  const parameters = new ParameterVector(params);
  const optimizer = new Adam(parameters);
  const ema = new Ema(parameters, config.training.ema);
  const batches = new BatchSource(slices, rng.fork("batches"), batchSize);
  const rateAt = (step: number) => learningRateAt(learningRate, step * batchSize, images);
  const gradient = diffusionGradient(network, params, parameters, config.target);
  const parts = { ...scheduleOf(config), gradient, optimizer };

  try {
    const outcome = await runTraining(
      {
        folder,
        configHash,
        totalSteps: Math.ceil(images / batchSize),
        imagesBefore: (step) => step * batchSize,
        learningRate: rateAt,
        step: (index) => {
          const batch = imagesToTensor(slices, batches.batchIndices(index));
          const loss = diffusionStep(parts, batch, rateAt(index), rng.fork("step", index));
          ema.update(parameters, index * batchSize, batchSize);
          batch.dispose();
          return loss;
        },
        afterStep: async (stepsDone) => {
          if (watch === undefined || !passes(watch.everyImages, stepsDone, batchSize)) return;
          parameters.writeTo(ema.values);
          await watch.see(network, stepsDone * batchSize);
        },
        save: () =>
          joinParts({
            parameters: new Map([["values", savedVector(parameters.values)]]),
            ema: new Map([["values", savedVector(ema.values)]]),
            optimizer: optimizer.state(),
          }),
        restore: (state) => {
          parameters.assign(toVector(partOf(state, "parameters"), "values"));
          ema.restore(toVector(partOf(state, "ema"), "values"));
          optimizer.restore(partOf(state, "optimizer"));
        },
      },
      options.loop,
    );
    parameters.writeTo(ema.values);
    return { network, params, outcome };
  } catch (error) {
    params.dispose();
    throw error;
  } finally {
    gradient.dispose();
    parameters.dispose();
    optimizer.dispose();
    ema.dispose();
  }
}

/** What a step takes from the settings as it is. */
function scheduleOf({ schedule, weighting }: DiffusionConfig): {
  readonly schedule: NoiseSchedule;
  readonly weighting: LossWeighting;
} {
  return { schedule: noiseSchedule(schedule.name, schedule.steps), weighting };
}

/** Whether the last step went past a multiple of the interval. */
function passes(everyImages: number, stepsDone: number, batchSize: number): boolean {
  const looksUpTo = (steps: number) => Math.floor((steps * batchSize) / everyImages);
  return looksUpTo(stepsDone) > looksUpTo(stepsDone - 1);
}
