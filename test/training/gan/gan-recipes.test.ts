import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ganPlan } from "../../../lib/training/gan/gan-plan";
import {
  PROGRESSIVE_GAN_RECIPE,
  STYLEGAN1_RECIPE,
  STYLEGAN3_RECIPE,
} from "../../../lib/training/gan/gan-recipes";

const test = suite("GAN recipes");

test("progressive GAN sees 256 pixels fade in between 6.6 and 7.2 million images", () => {
  const plan = ganPlan(PROGRESSIVE_GAN_RECIPE.schedule, 256, 7_300_000);
  const steps = Array.from({ length: plan.totalSteps }, (_, i) => plan.step(i));
  const starts = steps.find(({ batchSize }) => batchSize === 8)?.imagesSeen ?? 0;
  const whole = steps.find(({ lod }) => lod === 0)?.imagesSeen ?? 0;
  // A look every four batches, of 16 before and 8 after.
  assert.ok(starts > 6_600_000 && starts <= 6_600_064, `${starts}`);
  assert.ok(whole >= 7_200_000 && whole < 7_200_032, `${whole}`);
  // At each start and end of a fade but the first start's state, which is new anyway.
  assert.is(steps.filter(({ resetOptimizers }) => resetOptimizers).length, 12);
});

test("StyleGAN 1 starts at 8 pixels and learns faster at 256", () => {
  const plan = ganPlan(STYLEGAN1_RECIPE.schedule, 256, 6_100_000);
  assert.is(plan.step(0).lod, 5);
  const last = plan.step(plan.totalSteps - 1);
  assert.equal([last.lod, last.generatorRate, last.batchSize], [0, 0.002, 8]);
});

test("StyleGAN 3 has no path lengths and a faster generator", () => {
  assert.is(STYLEGAN3_RECIPE.pathLength, null);
  const step = ganPlan(STYLEGAN3_RECIPE.schedule, 256, 64).step(1);
  assert.equal([step.imagesSeen, step.generatorRate, step.discriminatorRate], [32, 0.0025, 0.002]);
});

test.run();
