import { CompiledFunction } from "../../backend/graph/compiled-function";
import { Rng } from "../../backend/rng";
import { samplingPrecision } from "../../backend/sampling-precision";
import * as tf from "../../backend/tf";
import { InputError } from "../../errors";
import type { GanGeneratorConfig } from "../../generators/generator-config";
import type { Discriminator, Generator, StyleGenerator } from "../../models/gan";
import type { BuiltNetwork, NetworkKind } from "../../references/network-kind";
import { progressiveGanDiscriminator, progressiveGanGenerator } from "../../references/progressive-gan";
import { stylegan1Discriminator, stylegan1Generator } from "../../references/stylegan1";
import { stylegan2Discriminator, stylegan2Generator } from "../../references/stylegan2";
import { stylegan3Generator } from "../../references/stylegan3";
import { roundedToNearest } from "../../sampling/grey-images";
import { ganPlan } from "../../training/gan/gan-plan";
import type { GanRecipe } from "../../training/gan/gan-recipe";
import {
  PROGRESSIVE_GAN_RECIPE,
  STYLEGAN1_RECIPE,
  STYLEGAN2_RECIPE,
  STYLEGAN3_RECIPE,
} from "../../training/gan/gan-recipes";
import { GanTraining } from "../../training/gan/train-gan";
import type { BenchCase } from "../bench-case";
import { noiseSlices } from "../bench-slices";
import type { StepKind } from "../timing";
import {
  disposeNetworks,
  parametersOf,
  type NetworkRole,
  type Workload,
  type WorkloadNetworks,
} from "../workload";
import { defaultGan } from "./default-networks";
import { BENCH_RATE, MOST_VALUES } from "./workload-settings";

type GanName = GanGeneratorConfig["kind"];

interface GanParts {
  readonly generator: NetworkKind<Generator | StyleGenerator>;
  readonly discriminator: NetworkKind<Discriminator>;
  readonly recipe: GanRecipe;
}

const PARTS: Readonly<Record<GanName, GanParts>> = {
  "progressive-gan": {
    generator: progressiveGanGenerator,
    discriminator: progressiveGanDiscriminator,
    recipe: PROGRESSIVE_GAN_RECIPE,
  },
  stylegan1: {
    generator: stylegan1Generator,
    discriminator: stylegan1Discriminator,
    recipe: STYLEGAN1_RECIPE,
  },
  stylegan2: {
    generator: stylegan2Generator,
    discriminator: stylegan2Discriminator,
    recipe: STYLEGAN2_RECIPE,
  },
  stylegan3: {
    generator: stylegan3Generator,
    discriminator: stylegan2Discriminator,
    recipe: STYLEGAN3_RECIPE,
  },
};

/** Both networks of a GAN and the study's recipe, at full size from the first step. */
export interface BuiltGan {
  readonly generator: BuiltNetwork<Generator | StyleGenerator>;
  readonly discriminator: BuiltNetwork<Discriminator>;
  readonly recipe: GanRecipe;
}

/** @throws InputError if the networks are not of the case's size. */
export function buildGan(subject: string, { network, size, batch, config }: BenchCase): BuiltGan {
  const parts = PARTS[network as GanName];
  const settings = (config ?? defaultGan(network as GanName, size)) as Partial<GanGeneratorConfig>;
  const generator = parts.generator.fromConfig(`${subject}: generator`, settings.generator, MOST_VALUES);
  const discriminator = parts.discriminator.fromConfig(
    `${subject}: discriminator`,
    settings.discriminator,
    MOST_VALUES,
  );
  const { resolution } = generator.network;
  if (resolution !== size)
    throw new InputError(subject, `the generator makes ${resolution} pixels, not ${size}`);
  const rate = { peak: BENCH_RATE, warmUpImages: 0, decay: "constant" } as const;
  const schedule = {
    kind: "constant",
    batchSize: batch,
    generatorRate: rate,
    discriminatorRate: rate,
  } as const;
  return { generator, discriminator, recipe: { ...parts.recipe, schedule } };
}

function networksOf({ generator, discriminator }: BuiltGan): WorkloadNetworks {
  return new Map<NetworkRole, BuiltNetwork>([
    ["generator", generator],
    ["discriminator", discriminator],
  ]);
}

/** Whole steps of a GAN: discriminator and generator with their regularisers, in the share in which they are due. */
export function ganTraining(subject: string, benchCase: BenchCase): Workload {
  const { size, batch } = benchCase;
  const gan = buildGan(subject, benchCase);
  const { recipe } = gan;
  const { sampleGroup } = gan.discriminator.network;
  if (batch > sampleGroup && batch % sampleGroup !== 0)
    throw new InputError(`${subject}: batch`, `must be a multiple of ${sampleGroup}, or smaller than that`);
  const rng = Rng.fromSeed(1);
  const pair = { generator: gan.generator.network, discriminator: gan.discriminator.network };
  const plan = ganPlan(recipe.schedule, size, recipe.images);
  const training = new GanTraining(pair, recipe, plan, noiseSlices(size, 2 * batch, rng), rng);
  const networks = networksOf(gan);
  return {
    networks,
    parameters: parametersOf(networks),
    images: batch,
    kinds: stepKinds(recipe, (index) => training.step(index)),
    dispose: () => {
      training.dispose();
      disposeNetworks(networks);
    },
  };
}

/** Steps with the same regularisers are of one kind. @param take Takes the step of an index. */
export function stepKinds(
  { r1, pathLength }: Pick<GanRecipe, "r1" | "pathLength">,
  take: (index: number) => void,
): StepKind[] {
  const intervals = [r1?.everySteps ?? 1, pathLength?.everySteps ?? 1];
  const cycle = Math.max(...intervals);
  if (intervals.some((interval) => cycle % interval !== 0))
    throw new RangeError(`intervals of ${intervals.join(" and ")} steps have no common cycle`);
  const kinds = new Map<string, { first: number; count: number }>();
  for (let index = 0; index < cycle; index++) {
    const due = intervals.map((interval) => interval > 1 && index % interval === 0);
    const name = ["step", ...(due[0] ? ["R1"] : []), ...(due[1] ? ["path length"] : [])].join(" + ");
    const kind = kinds.get(name);
    if (kind === undefined) kinds.set(name, { first: index, count: 1 });
    else kind.count++;
  }
  return [...kinds].map(([name, { first, count }]) => ({
    name,
    share: count / cycle,
    run: () => {
      take(first);
    },
  }));
}

/** A batch of images of a generator, to grey values. */
export function ganSampling(subject: string, benchCase: BenchCase): Workload {
  const gan = buildGan(subject, benchCase);
  gan.discriminator.params.dispose();
  const { network } = gan.generator;
  const images = new CompiledFunction(
    ([z]) => [network.apply(z as tf.Tensor2D, { noise: "constant" })],
    samplingPrecision(),
  );
  const networks: WorkloadNetworks = new Map([["generator", gan.generator]]);
  const rng = Rng.fromSeed(1);
  let batch = 0;
  const run = (): void => {
    const z = rng.fork("z", batch++).normal<tf.Rank.R2>([benchCase.batch, network.latentSize]);
    const drawn = images.run([z], rng);
    roundedToNearest((drawn[0] as tf.Tensor4D).dataSync());
    tf.dispose([z, drawn]);
  };
  return {
    networks,
    parameters: parametersOf(networks),
    images: benchCase.batch,
    kinds: [{ name: "batch", share: 1, run }],
    dispose: () => {
      images.dispose();
      disposeNetworks(networks);
    },
  };
}
