import { suite } from "uvu";
import * as assert from "uvu/assert";
import { batchSizes, ganPlan } from "../../../lib/training/gan/gan-plan";

const test = suite("GAN plan");

test("keeps batch and resolution where nothing grows", () => {
  const rate = (peak: number) => ({ peak, warmUpImages: 0, decay: "constant" }) as const;
  const schedule = {
    kind: "constant",
    batchSize: 4,
    generatorRate: rate(0.0025),
    discriminatorRate: rate(0.002),
  } as const;
  const plan = ganPlan(schedule, 64, 10);
  assert.is(plan.totalSteps, 3);
  assert.equal(plan.step(2), {
    imagesSeen: 8,
    batchSize: 4,
    lod: 0,
    generatorRate: 0.0025,
    discriminatorRate: 0.002,
    resetOptimizers: false,
  });
  assert.is(plan.step(3).imagesSeen, 12);
});

test("looks at the schedule every few steps, and adds up batches of changing size", () => {
  const plan = ganPlan(
    {
      kind: "progressive",
      initialResolution: 4,
      stableImages: 8,
      fadeImages: 16,
      batchSizes: { otherwise: 2, at: { 4: 4 } },
      learningRates: { otherwise: 0.002, at: { 8: 0.003 } },
      repeats: 2,
    },
    8,
    30,
  );
  // Looks at 0, 8, 16 (two steps of 4 each, as lod 1 is "4 pixels"), then every 4 images: 20, 24, 28, 32.
  // The fade starts behind image 8; at 16 it is half done: lod 1 - 8 / 16.
  const steps = Array.from({ length: plan.totalSteps + 1 }, (_, i) => plan.step(i));
  assert.is(plan.totalSteps, 12);
  assert.equal(
    steps.map(({ imagesSeen }) => imagesSeen),
    [0, 4, 8, 12, 16, 18, 20, 22, 24, 26, 28, 30, 32],
  );
  assert.equal(
    steps.map(({ lod }) => lod),
    [1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0, 0, 0, 0, 0],
  );
  assert.equal(
    steps.flatMap(({ resetOptimizers }, i) => (resetOptimizers ? [i] : [])),
    [4, 8],
  );
  assert.equal(
    [steps[3]?.generatorRate, steps[4]?.generatorRate, steps[4]?.discriminatorRate],
    [0.002, 0.003, 0.003],
  );
});

test("tells the batches of every resolution that it comes to", () => {
  const growing = {
    kind: "progressive",
    initialResolution: 8,
    stableImages: 10,
    fadeImages: 10,
    batchSizes: { otherwise: 4, at: { 4: 64, 8: 16, 16: 8 } },
    learningRates: { otherwise: 0.001, at: {} },
    repeats: 1,
  } as const;
  assert.equal(batchSizes(growing, 32), [16, 8, 4]);
});

test.run();
