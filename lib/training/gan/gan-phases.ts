import { CompiledFunction } from "../../backend/graph/compiled-function";
import type { Rng } from "../../backend/rng";
import * as tf from "../../backend/tf";
import { inTrainingPrecision } from "../../backend/training-precision";
import type { Discriminator, GanNetworks, GenerateOptions, Growth } from "../../models/gan";
import { fadeImages } from "../../models/growing/growing";
import { alongAxes } from "../../models/layers/band-matrix";
import { AugmentPipe } from "../adaptive-augmentation/augment-pipe";
import {
  gradientPenalty,
  logisticDiscriminatorLoss,
  logisticGeneratorLoss,
  logitsAndGradients,
  pathLengths,
  r1Penalty,
  wassersteinDiscriminatorLoss,
  wassersteinGeneratorLoss,
} from "./gan-losses";
import type { GanRecipe } from "./gan-recipe";
import type { GanState } from "./gan-state";
import { variableGradients } from "../optimizers/gradients";

/** What the graphs of a stretch of steps are made for; with it, they change. */
export interface GanSituation {
  readonly batchSize: number;
  /** How many of the finest levels are not in use yet. */
  readonly whole: number;
  /** Whether a level is fading in. */
  readonly fading: boolean;
  /** Whether the discriminator sees blurred images. */
  readonly blurred: boolean;
}

/** What a phase wants: a loss, made after what must be outside its gradient. */
type PhaseBody = (inputs: PhaseInputs) => () => tf.Scalar;

interface PhaseInputs {
  readonly reals: tf.Tensor4D;
  readonly growth: Growth;
  /** Probability of augmentations. */
  readonly p: tf.Scalar;
  /** Blur along an axis; without meaning where images are not blurred. */
  readonly blur: tf.Tensor3D;
  readonly rng: Rng;
}

/** One network's loss before its update and the gradient of it. The caller disposes of the tensors. */
export interface PhaseResult {
  readonly loss: tf.Scalar;
  readonly gradient: tf.Tensor1D;
  /** Sum of the signs of the real logits that were seen last. */
  readonly realSigns: tf.Scalar;
}

/**
 * The phases of a training step, each of them one graph, for as long as the situation lasts. What they compute
 * depends on the state of the training, the images, the fade and `rng` alone. Networks are known by their
 * interfaces, losses by the recipe.
 */
export class GanPhases {
  /** The discriminator's loss; moves the generator's running means. */
  readonly discriminator: Phase;
  /** R1 by itself, as strong as the steps between two make it. */
  readonly r1: Phase;
  /** The generator's loss. */
  readonly generator: Phase;
  /** Path length regularisation, as strong as the steps between two make it; moves the mean length. */
  readonly pathLength: Phase;
  private readonly pipe: AugmentPipe | undefined;

  constructor(
    private readonly networks: GanNetworks,
    private readonly state: GanState,
    private readonly recipe: GanRecipe,
    readonly situation: GanSituation,
  ) {
    const { augmentation } = recipe;
    const size = networks.generator.resolution;
    if (augmentation !== null)
      this.pipe = new AugmentPipe(augmentation.pipe, { size, colourChannels: augmentation.colourChannels });
    const phase = (trained: keyof GanNetworks, body: PhaseBody) =>
      new Phase(networks, state, situation, trained, body);
    this.discriminator = phase("discriminator", (inputs) => this.discriminatorLoss(inputs));
    this.r1 = phase("discriminator", (inputs) => () => this.r1Loss(inputs));
    this.generator = phase("generator", (inputs) => () => this.generatorLoss(inputs));
    this.pathLength = phase("generator", (inputs) => () => this.pathLengthLoss(inputs));
  }

  dispose(): void {
    for (const phase of [this.discriminator, this.r1, this.generator, this.pathLength]) phase.dispose();
    this.pipe?.dispose();
  }

  private discriminatorLoss(inputs: PhaseInputs): () => tf.Scalar {
    const { reals, growth, rng } = inputs;
    const { loss, r1 } = this.recipe;
    const fakes = this.networks.generator.apply(this.latents(rng), {
      ...this.generateOptions(growth, rng),
      updateAverages: true,
    });
    const options = { lod: growth };
    const seen = (what: string) => this.changed(inputs, rng.fork("augmentation", what));
    return () => {
      const fake = seen("fakes").apply(fakes, options);
      if (loss.kind === "wasserstein") {
        const real = this.noteSigns(seen("reals").apply(reals, options));
        const factors = rng.fork("factors").uniform<tf.Rank.R4>([reals.shape[0], 1, 1, 1]);
        const penalty = gradientPenalty(seen("mixed"), reals, fakes, factors, loss.penaltyTarget, options);
        return wassersteinDiscriminatorLoss(real, fake, loss.drift).add(penalty.mul(loss.penaltyWeight));
      }
      if (r1?.everySteps !== 1)
        return logisticDiscriminatorLoss(this.noteSigns(seen("reals").apply(reals, options)), fake);
      const { logits, gradients } = logitsAndGradients(seen("reals"), reals, options);
      return logisticDiscriminatorLoss(this.noteSigns(logits), fake).add(
        r1Penalty(gradients).mul(r1.gamma / 2),
      );
    };
  }

  private r1Loss(inputs: PhaseInputs): tf.Scalar {
    const { reals, growth, rng } = inputs;
    const { r1 } = this.recipe;
    if (r1 === null) throw new Error("the recipe has no R1");
    const seen = this.changed(inputs, rng.fork("augmentation"));
    return r1Penalty(logitsAndGradients(seen, reals, { lod: growth }).gradients).mul(
      (r1.gamma / 2) * r1.everySteps,
    );
  }

  private generatorLoss(inputs: PhaseInputs): tf.Scalar {
    const { growth, rng } = inputs;
    const fakes = this.networks.generator.apply(this.latents(rng), this.generateOptions(growth, rng));
    const logits = this.changed(inputs, rng.fork("augmentation")).apply(fakes, { lod: growth });
    return this.recipe.loss.kind === "wasserstein"
      ? wassersteinGeneratorLoss(logits)
      : logisticGeneratorLoss(logits);
  }

  private pathLengthLoss({ growth, rng }: PhaseInputs): tf.Scalar {
    const { generator } = this.networks;
    const { pathLength } = this.recipe;
    const { pathMean } = this.state;
    if (pathLength === null || !("synthesize" in generator))
      throw new Error("path length regularisation needs a recipe and a style-based generator");
    const { weight, decay, batchShrink, everySteps } = pathLength;
    const z = this.latents(rng, Math.max(1, Math.floor(this.situation.batchSize / batchShrink)));
    const options = this.generateOptions(growth, rng);
    const { penalty, mean } = pathLengths(generator, z, options, pathMean, decay, rng.fork("path"));
    pathMean.assign(mean);
    return penalty.mul(weight * everySteps);
  }

  /**
   * The discriminator behind blur and augmentations; penalties on its gradient reach through them, as in the
   * reference.
   */
  private changed({ p, blur }: PhaseInputs, rng: Rng): Discriminator {
    const { discriminator } = this.networks;
    const { pipe } = this;
    const { blurred } = this.situation;
    if (pipe === undefined && !blurred) return discriminator;
    const { params, sampleGroup } = discriminator;
    return {
      params,
      sampleGroup,
      apply: (image, options) => {
        const soft = blurred ? alongAxes(image, blur, blur) : image;
        return discriminator.apply(pipe === undefined ? soft : pipe.apply(soft, p, rng), options);
      },
    };
  }

  private noteSigns(realLogits: tf.Tensor2D): tf.Tensor2D {
    this.state.realSigns.assign(realLogits.sign().sum<tf.Scalar>());
    return realLogits;
  }

  private latents(rng: Rng, samples = this.situation.batchSize): tf.Tensor2D {
    return rng.fork("z").normal<tf.Rank.R2>([samples, this.networks.generator.latentSize]);
  }

  private generateOptions(lod: Growth, rng: Rng): GenerateOptions {
    return { lod, rng: rng.fork("generator"), mixing: this.recipe.styleMixing };
  }
}

/** A loss of one network and its gradient, as one graph of the training's state. */
export class Phase {
  private readonly compiled: CompiledFunction;

  constructor(
    networks: GanNetworks,
    private readonly state: GanState,
    { whole, fading }: GanSituation,
    trained: keyof GanNetworks,
    body: PhaseBody,
  ) {
    this.compiled = new CompiledFunction(([generator, discriminator, moving, fade, p, blur, images], rng) => {
      state.generator.writeTo(generator as tf.Tensor1D);
      state.discriminator.writeTo(discriminator as tf.Tensor1D);
      state.moving.writeTo(moving as tf.Tensor1D);
      state.realSigns.assign(tf.scalar(0));
      const growth = { whole, fade: fading ? (fade as tf.Scalar) : 0 };
      const reals = fadeImages(images as tf.Tensor4D, growth);
      const { loss, gradients } = inTrainingPrecision(() => {
        const wanted = body({ reals, growth, p: p as tf.Scalar, blur: blur as tf.Tensor3D, rng });
        return variableGradients(networks[trained].params, wanted, "zero");
      });
      const moved = state.moving.gather(state.movingVariables);
      return [loss, state[trained].gather(gradients), moved, state.realSigns];
    });
  }

  /**
   * @param fade The share of the coarser level; read where a level is fading in.
   * @param blur [1, H, H]; read where images are blurred.
   */
  run(reals: tf.Tensor4D, fade: tf.Scalar, blur: tf.Tensor3D, rng: Rng): PhaseResult {
    const { generator, discriminator, moving, strength } = this.state;
    const p = tf.scalar(strength.p);
    const inputs = [generator.values, discriminator.values, moving.values, fade, p, blur, reals];
    const outputs = this.compiled.run(inputs, rng);
    p.dispose();
    const [loss, gradient, moved, realSigns] = outputs as [tf.Scalar, tf.Tensor1D, tf.Tensor1D, tf.Scalar];
    moving.assign(moved);
    return { loss, gradient, realSigns };
  }

  dispose(): void {
    this.compiled.dispose();
  }
}
