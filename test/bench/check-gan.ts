import { Rng } from "../../lib/backend/rng";
import * as tf from "../../lib/backend/tf";
import type { BenchCase } from "../../lib/bench/bench-case";
import type { WorkloadNetworks } from "../../lib/bench/workload";
import { buildGan } from "../../lib/bench/workloads/gan-workload";
import type { Discriminator, Generator, StyleGenerator } from "../../lib/models/gan";
import type { BuiltNetwork } from "../../lib/references/network-kind";
import {
  gradientPenalty,
  logisticDiscriminatorLoss,
  logisticGeneratorLoss,
  logitsAndGradients,
  pathLengths,
  r1Penalty,
  wassersteinDiscriminatorLoss,
  wassersteinGeneratorLoss,
} from "../../lib/training/gan/gan-losses";
import type { GanRecipe } from "../../lib/training/gan/gan-recipe";
import {
  addGradient,
  CHECK_SAMPLES,
  computed,
  drawImages,
  emptyCheck,
  stored,
  type CheckTensors,
} from "./check-tensors";

/** Without random noise inputs, so that both sides can compute the same. */
const OPTIONS = { noise: "constant" } as const;

/** Images, logits, and the gradient of each phase of a training step. */
export function ganCheck(benchCase: BenchCase, networks: WorkloadNetworks): CheckTensors {
  const generator = networks.get("generator") as BuiltNetwork<Generator | StyleGenerator>;
  const discriminator = networks.get("discriminator") as BuiltNetwork<Discriminator> | undefined;
  const check = emptyCheck();
  const rng = Rng.fromSeed(7);
  const { latentSize, resolution, imageChannels } = generator.network;
  const z = rng.fork("z").normal<tf.Rank.R2>([CHECK_SAMPLES, latentSize]);
  check.inputs.set("z", stored(z));
  check.outputs.set(
    "images",
    computed(() => generator.network.apply(z, OPTIONS)),
  );
  if (discriminator === undefined) {
    z.dispose();
    return check;
  }
  const reals = drawImages(rng.fork("reals"), [CHECK_SAMPLES, resolution, resolution, imageChannels]);
  check.inputs.set("reals", stored(reals));
  check.outputs.set(
    "logits",
    computed(() => discriminator.network.apply(reals)),
  );
  const recipe = recipeOf(benchCase);
  const phases = { check, generator, discriminator, recipe, z, reals, rng };
  discriminatorPhases(phases);
  generatorPhases(phases);
  tf.dispose([z, reals]);
  return check;
}

/** The recipe does not depend on weights, but is made with the networks. */
function recipeOf(benchCase: BenchCase): GanRecipe {
  const { generator, discriminator, recipe } = buildGan(benchCase.name, benchCase);
  generator.params.dispose();
  discriminator.params.dispose();
  return recipe;
}

interface Phases {
  readonly check: CheckTensors;
  readonly generator: BuiltNetwork<Generator | StyleGenerator>;
  readonly discriminator: BuiltNetwork<Discriminator>;
  readonly recipe: GanRecipe;
  readonly z: tf.Tensor2D;
  readonly reals: tf.Tensor4D;
  readonly rng: Rng;
}

function discriminatorPhases({ check, generator, discriminator, recipe, z, reals, rng }: Phases): void {
  const { network } = discriminator;
  const { loss, r1 } = recipe;
  const fakes = generator.network.apply(z, OPTIONS);
  const factors = rng.fork("factors").uniform<tf.Rank.R4>([CHECK_SAMPLES, 1, 1, 1]);
  check.inputs.set("factors", stored(factors));
  const penalty = (): tf.Scalar => r1Penalty(logitsAndGradients(network, reals, {}).gradients);
  addGradient(check, "gradient/discriminator", discriminator, () => {
    const [fake, real] = [network.apply(fakes), network.apply(reals)];
    if (loss.kind === "wasserstein")
      return wassersteinDiscriminatorLoss(real, fake, loss.drift).add(
        gradientPenalty(network, reals, fakes, factors, loss.penaltyTarget, {}).mul(loss.penaltyWeight),
      );
    const logistic = logisticDiscriminatorLoss(real, fake);
    return r1?.everySteps === 1 ? logistic.add(penalty().mul(r1.gamma / 2)) : logistic;
  });
  if (r1 !== null && r1.everySteps > 1)
    addGradient(check, "gradient/r1", discriminator, () => penalty().mul((r1.gamma / 2) * r1.everySteps));
  tf.dispose([fakes, factors]);
}

function generatorPhases({ check, generator, discriminator, recipe, z, rng }: Phases): void {
  const { network } = generator;
  const { loss, pathLength } = recipe;
  addGradient(check, "gradient/generator", generator, () => {
    const logits = discriminator.network.apply(network.apply(z, OPTIONS));
    return loss.kind === "wasserstein" ? wassersteinGeneratorLoss(logits) : logisticGeneratorLoss(logits);
  });
  if (pathLength === null || !("synthesize" in network)) return;
  const { resolution, imageChannels } = network;
  const path = rng.fork("path");
  const y = path.normal<tf.Rank.R4>([CHECK_SAMPLES, resolution, resolution, imageChannels]);
  check.inputs.set("y", stored(y));
  const mean = tf.scalar(0);
  addGradient(check, "gradient/pathLength", generator, () =>
    pathLengths(network, z, OPTIONS, mean, pathLength.decay, path).penalty.mul(
      pathLength.weight * pathLength.everySteps,
    ),
  );
  tf.dispose([y, mean]);
}
