import { isDeepStrictEqual } from "node:util";
import type { Rng } from "../../backend/rng";
import * as tf from "../../backend/tf";
import { BatchSource, imagesToTensor } from "../../data/batches";
import type { SliceSource } from "../../data/sharded-slices";
import { InputError } from "../../errors";
import type { GanNetworks, Generator, StyleGenerator } from "../../models/gan";
import { saveLevelOfDetail } from "../../models/growing/growing";
import { blurMatrix, blurSigma, isBlurred } from "./discriminator-blur";
import { GanPhases, type GanSituation, type Phase } from "./gan-phases";
import { batchSizes, ganPlan, type GanPlan, type PlannedStep } from "./gan-plan";
import { lazyAdam, type GanRecipe } from "./gan-recipe";
import { GanState } from "./gan-state";
import { MeanValues } from "../loop/mean-values";
import type { Adam } from "../optimizers/optimizers";
import { runTraining, type LoopOptions, type TrainingOutcome } from "../loop/training-loop";

/** A trained generator with its averaged weights in place. */
export interface TrainedGan {
  readonly generator: Generator | StyleGenerator;
  readonly outcome: TrainingOutcome;
}

/** A look at the generator now and then during its training. */
export interface GanWatch {
  readonly everyImages: number;
  /** @param generator With its averaged weights in place. @param lod What it has grown to. */
  see(generator: Generator | StyleGenerator, lod: number, imagesSeen: number): void | Promise<void>;
}

export interface TrainGanOptions {
  /** Makes both networks with their first weights. */
  readonly build: (rng: Rng) => GanNetworks;
  readonly recipe: GanRecipe;
  readonly slices: SliceSource;
  /** Checkpoints and log; an unfinished run found there goes on. */
  readonly folder: string;
  /** Names recipe, networks and data. */
  readonly configHash: string;
  readonly rng: Rng;
  readonly loop: LoopOptions;
  readonly watch?: GanWatch;
}

/**
 * Trains a generator against a discriminator on slices (all five channels), from its last checkpoint if there is
 * one. A step updates the discriminator, then the generator, each followed by its lazy regularisation if due.
 *
 * @throws InputError if the slices are not of the networks' size, or batches not of whole groups of samples.
 */
export async function trainGan(options: TrainGanOptions): Promise<TrainedGan> {
  const { recipe, slices, folder, configHash, rng, watch } = options;
  const networks = options.build(rng.fork("initial"));
  const { generator, discriminator } = networks;
  const plan = ganPlan(recipe.schedule, generator.resolution, recipe.images);
  const training = new GanTraining(networks, recipe, plan, slices, rng);
  try {
    refuseMisfits(networks, recipe, slices);
    const outcome = await runTraining(
      {
        folder,
        configHash,
        totalSteps: plan.totalSteps,
        imagesBefore: (step) => plan.step(step).imagesSeen,
        learningRate: (step) => plan.step(step).generatorRate,
        step: (index) => training.step(index),
        details: () => training.details(),
        afterStep: async (stepsDone) => {
          if (watch !== undefined) await training.show(watch, stepsDone);
        },
        save: () => training.state.save(),
        restore: (state) => {
          training.state.restore(state);
        },
      },
      options.loop,
    );
    training.state.writeAverages();
    saveLevelOfDetail(generator.params, plan.step(plan.totalSteps - 1).lod);
    return { generator, outcome };
  } catch (error) {
    generator.params.dispose();
    throw error;
  } finally {
    discriminator.params.dispose();
    training.dispose();
  }
}

/** Refuses before the first step what a later one would stumble over. */
function refuseMisfits(
  { generator, discriminator }: GanNetworks,
  recipe: GanRecipe,
  slices: SliceSource,
): void {
  const { resolution } = generator;
  if (slices.size !== resolution)
    throw new InputError(
      slices.source,
      `has slices of ${slices.size} pixels, the generator makes ${resolution}`,
    );
  const { sampleGroup } = discriminator;
  const misfit = batchSizes(recipe.schedule, resolution).find(
    (size) => size > sampleGroup && size % sampleGroup !== 0,
  );
  if (misfit === undefined) return;
  throw new InputError(
    "batch size",
    `${misfit} samples cannot be divided into groups of ${sampleGroup}, which the discriminator compares`,
    `Take a multiple of ${sampleGroup}, or fewer than ${sampleGroup}`,
  );
}

/** The steps of one training. */
export class GanTraining {
  readonly state: GanState;
  private readonly images: BatchSource;
  private readonly means = new MeanValues();
  private phases: GanPhases | undefined;

  constructor(
    private readonly networks: GanNetworks,
    private readonly recipe: GanRecipe,
    private readonly plan: GanPlan,
    private readonly slices: SliceSource,
    private readonly rng: Rng,
  ) {
    this.state = new GanState(networks, recipe);
    // Batches change their size while networks grow, so the order is that of single images.
    this.images = new BatchSource(slices, rng.fork("batches"), 1);
  }

  /** @returns The discriminator's loss before the step. */
  step(index: number): number {
    const { recipe, state } = this;
    const planned = this.plan.step(index);
    if (planned.resetOptimizers) state.resetOptimizers();
    const phases = this.phasesOf(planned);
    const reals = this.batch(planned);
    const fade = tf.scalar(planned.lod % 1);
    const blur = this.blur(planned);
    const rng = this.rng.fork("step", index);
    const update = (name: keyof GanPhases & string, phase: Phase, adam: Adam, rate: number) =>
      this.update(name, phase, adam, rate, [reals, fade, blur, rng.fork(name)]);

    const { r1, pathLength } = recipe;
    const discriminatorRate = planned.discriminatorRate * lazyAdam(recipe.adam, r1?.everySteps).rateFactor;
    const seen = update("discriminator", phases.discriminator, state.discriminatorAdam, discriminatorRate);
    if (isDue(r1, index) && r1.everySteps > 1)
      update("r1", phases.r1, state.discriminatorAdam, discriminatorRate);
    const generatorRate = planned.generatorRate * lazyAdam(recipe.adam, pathLength?.everySteps).rateFactor;
    update("generator", phases.generator, state.generatorAdam, generatorRate);
    if (isDue(pathLength, index)) update("pathLength", phases.pathLength, state.generatorAdam, generatorRate);

    state.ema.update(state.generator, planned.imagesSeen, planned.batchSize);
    this.follow(planned, seen.realSigns);
    tf.dispose([reals, fade, blur]);
    return seen.loss;
  }

  /**
   * Means since the last call: the loss of every phase, the level of detail, the signs of real logits (towards 1
   * where the discriminator knows the training images by heart) and, where there are any, the width of the blur and
   * p of augmentations.
   */
  details(): Record<string, number> {
    return this.means.take();
  }

  /** Shows the averaged generator if the last step passed a multiple of the interval. */
  async show(watch: GanWatch, stepsDone: number): Promise<void> {
    const { imagesSeen: before, lod } = this.plan.step(stepsDone - 1);
    const { imagesSeen } = this.plan.step(stepsDone);
    if (Math.floor(before / watch.everyImages) === Math.floor(imagesSeen / watch.everyImages)) return;
    this.state.writeAverages();
    await watch.see(this.networks.generator, lod, imagesSeen);
  }

  dispose(): void {
    this.phases?.dispose();
    this.state.dispose();
  }

  private update(
    name: string,
    phase: Phase,
    adam: Adam,
    learningRate: number,
    inputs: Parameters<Phase["run"]>,
  ): { readonly loss: number; readonly realSigns: number } {
    const { loss, gradient, realSigns } = phase.run(...inputs);
    adam.step(gradient, learningRate);
    const [value, signs] = [loss, realSigns].map((tensor) => tensor.dataSync()[0] ?? Number.NaN);
    this.means.add(name, value ?? Number.NaN);
    tf.dispose([loss, gradient, realSigns]);
    return { loss: value ?? Number.NaN, realSigns: signs ?? Number.NaN };
  }

  /** Lets the strength of augmentations follow the discriminator, and takes down where the training stands. */
  private follow({ lod, batchSize, imagesSeen }: PlannedStep, realSigns: number): void {
    const { augmentation, blur } = this.recipe;
    const { strength } = this.state;
    this.means.add("lod", lod);
    this.means.add("realSigns", realSigns / batchSize);
    if (blur !== null) this.means.add("blur", blurSigma(blur, imagesSeen));
    if (augmentation === null) return;
    this.means.add("augmentation", strength.p);
    if (augmentation.strength !== null) strength.observe(realSigns, batchSize);
  }

  private batch({ imagesSeen, batchSize }: PlannedStep): tf.Tensor4D {
    const indices = Array.from(
      { length: batchSize },
      (_, i) => this.images.batchIndices(imagesSeen + i)[0] ?? 0,
    );
    return imagesToTensor(this.slices, indices);
  }

  private blur({ imagesSeen }: PlannedStep): tf.Tensor3D {
    const sigma = blurSigma(this.recipe.blur, imagesSeen);
    return isBlurred(sigma) ? blurMatrix(sigma, this.networks.generator.resolution) : tf.zeros([1, 1, 1]);
  }

  /** The graphs for a step, made anew where batch, level of detail or the end of the blur ask for others. */
  private phasesOf({ lod, batchSize, imagesSeen }: PlannedStep): GanPhases {
    const blurred = isBlurred(blurSigma(this.recipe.blur, imagesSeen));
    const situation: GanSituation = { batchSize, whole: Math.floor(lod), fading: lod % 1 > 0, blurred };
    if (this.phases === undefined || !isDeepStrictEqual(this.phases.situation, situation)) {
      this.phases?.dispose();
      this.phases = new GanPhases(this.networks, this.state, this.recipe, situation);
    }
    return this.phases;
  }
}

function isDue<T extends { readonly everySteps: number }>(
  regularisation: T | null,
  index: number,
): regularisation is T {
  return regularisation !== null && index % regularisation.everySteps === 0;
}
