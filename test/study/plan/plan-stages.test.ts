import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { planStages, secondsLeft } from "../../../lib/study/plan/plan-stages";
import { planText, statusText } from "../../../lib/study/plan/plan-text";
import { runStage, type StudyContext } from "../../../lib/study/stage";
import { defineStage, type StudyStage } from "../../../lib/study/study-stage";
import { profileOf } from "../../../lib/study/profiles";
import { StudyStages } from "../../../lib/study/grid/study-stages";
import { cohortFolder, cohortStage } from "../../../lib/study/stages/cohort";
import { testContext } from "../context";

const test = suite("plan");

/** A profile that knows no rates. */
const NO_RATES = { profile: { ...profileOf("smoke"), secPerImage: {} } };

/** A chain of two stages: numbers, and a training on them. */
function chain(settings: { readonly config: { readonly images: number; readonly rate: number } }): {
  readonly numbers: StudyStage<number>;
  readonly training: StudyStage<number>;
} {
  const run = (): Promise<{ result: number; durationSec: number }> =>
    Promise.resolve({ result: 1, durationSec: 10 });
  const plain = { schema: z.number(), run };
  const numbers = defineStage({
    ...plain,
    name: "numbers",
    title: "Counting",
    settings: { from: 1 },
    inputs: {},
    work: { kind: "counting", images: 5 },
  });
  const training = defineStage({
    ...plain,
    name: "training",
    title: "Training",
    settings,
    inputs: { numbers },
    work: { kind: "unet", images: settings.config.images },
  });
  return { numbers, training };
}

/** Runs a stage as the study would. */
async function finish(context: StudyContext, stage: StudyStage<number>): Promise<void> {
  await runStage(context, { ...stage, run: () => Promise.resolve({ result: 1, durationSec: 10 }) });
}

test("says what is done, and how long the rest takes at the rates of what is done", async () => {
  const context = testContext(NO_RATES);
  const { numbers, training } = chain({ config: { images: 100, rate: 0.1 } });
  const longer = chain({ config: { images: 300, rate: 0.1 } }).training;
  await finish(context, numbers);
  const fresh = planStages(context, [numbers, training]);
  assert.equal(
    fresh.map(({ state, sec }) => [state, sec]),
    [
      ["finished", 10],
      ["waiting", undefined],
    ],
  );
  assert.equal(secondsLeft(fresh), { sec: 0, unknown: 1 });
  assert.is(fresh[1]?.measured, false);
  await finish(context, training);
  // 10 s for 100 images: 30 s for 300.
  const planned = planStages(context, [numbers, training, longer]);
  assert.equal(secondsLeft(planned), { sec: 30, unknown: 0 });
  assert.ok(planned.every(({ measured }) => measured));
  assert.match(planText(context.profile, planned, secondsLeft(planned), 2), "about 15 s (2 side by side");
});

test("takes the profile's rates until the run has its own", () => {
  const context = testContext(NO_RATES);
  const { training } = chain({ config: { images: 100, rate: 0.1 } });
  const known = { ...context, profile: { ...context.profile, secPerImage: { unet: 0.5 } } };
  assert.equal(
    planStages(known, [training]).map(({ sec }) => sec),
    [50],
  );
});

test("names the setting that changed since the last record, and the input", async () => {
  const context = testContext(NO_RATES);
  const before = chain({ config: { images: 100, rate: 0.1 } });
  await finish(context, before.numbers);
  await finish(context, before.training);
  const [first, second] = planStages(context, Object.values(chain({ config: { images: 100, rate: 0.2 } })));
  assert.equal([first?.state, second?.state], ["finished", "waiting"]);
  assert.equal(second?.changes, ["config.rate: 0.2, was 0.1"]);

  const numbers = defineStage({ ...before.numbers, settings: { from: 2 } });
  const training = defineStage({ ...before.training, inputs: { numbers } });
  const planned = planStages(context, [numbers, training]);
  assert.equal(
    planned.map(({ changes }) => changes),
    [["from: 2, was 1"], ["numbers: another numbers"]],
  );
  assert.match(planText(context.profile, planned, secondsLeft(planned), 1), "from: 2, was 1");
});

test("tells how far a training is that was interrupted, and counts only the rest", () => {
  const context = testContext(NO_RATES);
  const { training } = chain({ config: { images: 100, rate: 0.1 } });
  const folder = join(context.runFolder, `training-${training.key.slice(0, 8)}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "log.jsonl"), `${JSON.stringify({ step: 4, imagesSeen: 40, loss: 1 })}\n`);
  const known = { ...context, profile: { ...context.profile, secPerImage: { unet: 0.5 } } };
  const planned = planStages(known, [training]);
  assert.equal([planned[0]?.state, planned[0]?.imagesSeen, planned[0]?.sec], ["started", 40, 30]);
  assert.match(statusText(planned), "training: begun, 40 %");
});

test("says why a stage cannot run, and expects no time for it", () => {
  const context = testContext(NO_RATES);
  const { numbers, training } = chain({ config: { images: 100, rate: 0.1 } });
  const gone = { ...numbers, missing: "weights do not come with the project" };
  const planned = planStages(context, [gone, { ...training, inputs: { numbers: gone } }]);
  assert.equal(
    planned.map(({ state, reason }) => [state, reason]),
    [
      ["missing", "weights do not come with the project"],
      ["missing", "weights do not come with the project"],
    ],
  );
  assert.equal(secondsLeft(planned), { sec: 0, unknown: 0 });
  assert.match(planText(context.profile, planned, secondsLeft(planned), 1), "2 cannot run");
});

test("the profile laptop is planned for at most three hours on two cores, at known rates", () => {
  const context = testContext({ profile: profileOf("laptop") });
  const stages = new StudyStages(context);
  const whole = stages.of(stages.generatorCells(), stages.segmentationCells());
  const { sec, unknown } = secondsLeft(planStages(context, whole));
  assert.is(unknown, 0);
  assert.ok(sec > 2 * 3_600 && sec <= 2 * 3 * 3_600, `${sec} s`);
});

test("subjects that another run has simulated take no time", () => {
  const context = testContext({ profile: { ...profileOf("smoke"), secPerImage: { cohort: 2 } } });
  const { subjects } = context.profile.cohort.recipe;
  const sec = (): number | undefined => planStages(context, [cohortStage(context)])[0]?.sec;
  assert.is(sec(), 2 * subjects);
  const folder = join(context.dataFolder, cohortFolder(context).folderName);
  for (const id of ["SIM_0001", "SIM_0003"]) mkdirSync(join(folder, id), { recursive: true });
  assert.is(sec(), 2 * (subjects - 2));
});

test.run();
