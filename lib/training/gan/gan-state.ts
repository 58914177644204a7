import * as tf from "../../backend/tf";
import type { GanNetworks } from "../../models/gan";
import { AUGMENT_STRENGTH_DEFAULTS, AugmentStrength } from "../adaptive-augmentation/augment-strength";
import { Ema } from "../optimizers/ema";
import { lazyAdam, type GanRecipe } from "./gan-recipe";
import { Adam } from "../optimizers/optimizers";
import { ParameterVector } from "../optimizers/parameter-vector";
import { joinParts, partOf, savedVector, toVector, type SavedState } from "../loop/saved-state";

/** Everything that a training of two networks changes: what a checkpoint holds. */
export class GanState {
  readonly generator: ParameterVector;
  readonly discriminator: ParameterVector;
  /** Running mean of the path lengths. */
  readonly pathMean: tf.Variable<tf.Rank.R0> = tf.tidy(() => tf.variable(tf.scalar(0)));
  /** Sum of the signs of the last real logits: not kept. */
  readonly realSigns: tf.Variable<tf.Rank.R0> = tf.tidy(() => tf.variable(tf.scalar(0)));
  /** What no gradient moves: the generator's buffers and the mean path length. */
  readonly movingVariables: ReadonlyMap<string, tf.Variable>;
  readonly moving: ParameterVector;
  readonly generatorAdam: Adam;
  readonly discriminatorAdam: Adam;
  /** Of the generator's parameters; buffers are not averaged. */
  readonly ema: Ema;
  /** Probability of augmentations; stays 0 where the recipe has none. */
  readonly strength: AugmentStrength;

  constructor({ generator, discriminator }: GanNetworks, recipe: GanRecipe) {
    this.generator = new ParameterVector(generator.params);
    this.discriminator = new ParameterVector(discriminator.params);
    this.movingVariables = new Map([...generator.params.buffers, ["pathMean", this.pathMean]]);
    this.moving = new ParameterVector({ variables: this.movingVariables });
    const { adam, pathLength, r1, augmentation } = recipe;
    this.generatorAdam = new Adam(this.generator, lazyAdam(adam, pathLength?.everySteps).adam);
    this.discriminatorAdam = new Adam(this.discriminator, lazyAdam(adam, r1?.everySteps).adam);
    this.ema = new Ema(this.generator, recipe.ema);
    this.strength = new AugmentStrength(
      augmentation?.strength ?? AUGMENT_STRENGTH_DEFAULTS,
      augmentation?.initial ?? 0,
    );
  }

  /** Both optimizers as new. */
  resetOptimizers(): void {
    this.generatorAdam.reset();
    this.discriminatorAdam.reset();
  }

  save(): SavedState {
    const vector = (values: tf.Tensor1D) => new Map([["values", savedVector(values)]]);
    return joinParts({
      generator: vector(this.generator.values),
      discriminator: vector(this.discriminator.values),
      moving: vector(this.moving.values),
      ema: vector(this.ema.values),
      generatorAdam: this.generatorAdam.state(),
      discriminatorAdam: this.discriminatorAdam.state(),
      strength: this.strength.state(),
    });
  }

  restore(state: SavedState): void {
    const vector = (part: string) => toVector(partOf(state, part), "values");
    this.generator.assign(vector("generator"));
    this.discriminator.assign(vector("discriminator"));
    this.moving.assign(vector("moving"));
    this.ema.restore(vector("ema"));
    this.generatorAdam.restore(partOf(state, "generatorAdam"));
    this.discriminatorAdam.restore(partOf(state, "discriminatorAdam"));
    this.strength.restore(partOf(state, "strength"));
  }

  /** Puts the averaged parameters and the present buffers into the generator. */
  writeAverages(): void {
    this.generator.writeTo(this.ema.values);
    this.moving.writeTo();
  }

  dispose(): void {
    tf.dispose([this.pathMean, this.realSigns]);
    for (const part of [this.generator, this.discriminator, this.moving]) part.dispose();
    for (const part of [this.generatorAdam, this.discriminatorAdam, this.ema]) part.dispose();
  }
}
