import type { Params } from "../../lib/models/params";
import { trainDiffusion } from "../../lib/training/diffusion/train-diffusion";
import { ganPlan } from "../../lib/training/gan/gan-plan";
import type { GanRecipe } from "../../lib/training/gan/gan-recipe";
import { trainGan } from "../../lib/training/gan/train-gan";
import type { LoopOptions } from "../../lib/training/loop/training-loop";
import { TINY_DIFFUSION, tinyRun } from "../training/tiny-diffusion";
import { TINY_GANS, tinyGanRun, type TinyGan } from "../training/tiny-gan";

/** A generator of 8x8 images with the recipe of one of the five, in so few steps that every part of it comes up. */
export interface TinyGenerator {
  readonly name: string;
  /** Steps of its training, in small. */
  readonly steps: number;
  /** What a step does that not all do: fading in a level, lazy regularisation. */
  partsOf(step: number): readonly string[];
  /** Trains from the folder's last checkpoint on; `steps` times its last batch, so growing ones stop before. */
  train(folder: string, loop: LoopOptions, steps?: number): Promise<Params>;
}

/** Side of the tiny images. */
const SIDE = 8;

export const TINY_GENERATORS: readonly TinyGenerator[] = [
  ...TINY_GANS.map(([name, gan]) => tinyGan(name, gan)),
  tinyDiffusion(),
];

function tinyGan(name: string, gan: TinyGan): TinyGenerator {
  const { schedule, images, r1, pathLength } = gan.recipe;
  const plan = ganPlan(schedule, SIDE, images);
  const batch = schedule.kind === "constant" ? schedule.batchSize : schedule.batchSizes.otherwise;
  const due = (part: GanRecipe["r1"] | GanRecipe["pathLength"], step: number): boolean =>
    part !== null && part.everySteps > 1 && step % part.everySteps === 0;
  return {
    name,
    steps: plan.totalSteps,
    partsOf: (step) => [
      ...(plan.step(step).lod % 1 > 0 ? ["fade"] : []),
      ...(due(r1, step) ? ["lazy R1"] : []),
      ...(due(pathLength, step) ? ["lazy path length"] : []),
    ],
    train: async (folder, loop, steps) => {
      const recipe = steps === undefined ? gan.recipe : { ...gan.recipe, images: steps * batch };
      const trained = await trainGan({ ...tinyGanRun(folder, { ...gan, recipe }), loop });
      return trained.generator.params;
    },
  };
}

function tinyDiffusion(): TinyGenerator {
  const own = 200;
  const { training } = TINY_DIFFUSION;
  return {
    name: "diffusion",
    steps: own,
    partsOf: () => [],
    train: async (folder, loop, steps = own) => {
      const config = { ...TINY_DIFFUSION, training: { ...training, images: steps * training.batchSize } };
      return (await trainDiffusion({ ...tinyRun(folder, config), loop })).params;
    },
  };
}
