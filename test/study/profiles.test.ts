import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WORKING_SIZES } from "../../lib/data/shrink-slices";
import { checkRecipe } from "../../lib/data/simulation/cohort-recipe";
import { InputError } from "../../lib/errors";
import { planStages } from "../../lib/models/diffusion/diffusion-unet";
import { outputSide } from "../../lib/models/unet/unet-size";
import { samplingSchedule } from "../../lib/sampling/diffusion-sampler";
import { MASK_CHANNEL, SLICE_CHANNELS, TUMOUR_CLASSES } from "../../lib/shape";
import { PROFILE_NAMES, profileOf, STUDY_DENOISER } from "../../lib/study/profiles";

const test = suite("profiles");

const PROFILES = PROFILE_NAMES.map(profileOf);

test("each is found by its name", () => {
  assert.equal(
    PROFILES.map(({ name }) => name),
    [...PROFILE_NAMES],
  );
});

test("an unknown name is refused with those there are", () => {
  for (const name of ["nope", "", "Quick", "toString", "__proto__"])
    assert.throws(
      () => profileOf(name),
      (error: unknown) =>
        error instanceof InputError &&
        error.message === `profile ${name}: is not known. Choose one of smoke, quick, laptop`,
    );
});

test("the generator that comes with the project fits where it is used", () => {
  const [quick, laptop] = [profileOf("quick"), profileOf("laptop")];
  assert.equal([quick.generatorWeights, laptop.generatorWeights], ["shipped", "trained"]);
  const decisive = ({ seed, cohort, split, size, diffusion }: typeof quick) => ({
    seed,
    cohort,
    split,
    size,
    diffusion,
  });
  assert.equal(decisive(quick), decisive(laptop));
});

for (const profile of PROFILES) {
  const { name, cohort, split, size, diffusion, sampling, segmentation } = profile;
  const { network: denoiser, schedule, training } = diffusion;

  test(`${name}: its cohort can be made, split, and shrunk to its size`, () => {
    checkRecipe(cohort.recipe);
    assert.ok(split.validation >= 1 && split.test >= 2, "an interval needs two test subjects");
    assert.ok(cohort.recipe.subjects - split.validation - split.test >= 1, "subjects to train on");
    assert.ok((WORKING_SIZES as readonly number[]).includes(size));
  });

  test(`${name}: its denoiser takes slices of its size`, () => {
    const deepest = 2 ** (denoiser.channelMultipliers.length - 1);
    assert.is(size % deepest, 0, "every level halves the side");
    assert.equal([denoiser.imageChannels, denoiser.outChannels], [SLICE_CHANNELS, SLICE_CHANNELS]);
    const factors = Array.from(denoiser.channelMultipliers, (_, level) => 2 ** level);
    for (const factor of denoiser.attentionFactors)
      assert.ok(factors.includes(factor), `attention at 1/${factor}`);
  });

  test(`${name}: norm groups and heads divide the channels of every stage`, () => {
    const plan = planStages(denoiser);
    assert.is(plan.top % denoiser.normGroups, 0);
    for (const stage of [...plan.down, ...plan.up]) {
      if (stage.residual) assert.is(stage.inChannels % denoiser.normGroups, 0, `${stage.inChannels} in`);
      if (stage.residual) assert.is(stage.outChannels % denoiser.normGroups, 0, `${stage.outChannels} out`);
      if (stage.attention) assert.is(stage.outChannels % denoiser.heads, 0, `${stage.outChannels} attend`);
    }
    assert.is(plan.bottom % denoiser.heads, 0);
    assert.ok([...plan.down, ...plan.up].some(({ attention }) => attention));
  });

  test(`${name}: its sampling method visits as many steps as it says`, () => {
    const visited = samplingSchedule(schedule.name, schedule.steps, sampling.method).betas.length;
    assert.is(visited, sampling.method.kind === "ddim" ? sampling.method.steps : schedule.steps);
    // A fifth of the samples chooses the weights: more than one batch of the U-Net.
    assert.ok(0.2 * sampling.images >= 1 && 0.8 * sampling.images >= segmentation.training.batchSize);
  });

  test(`${name}: its denoiser's budget holds its warm-up`, () => {
    assert.ok(training.images >= training.batchSize);
    assert.ok(training.learningRate.peak > 0);
    // The smoke profile ends within its warm-up, which is of no consequence there.
    assert.ok(!profile.meaningful || training.learningRate.warmUpImages < training.images / 4);
  });

  test(`${name}: its U-Net predicts the whole slice, from the sequences alone`, () => {
    assert.is(outputSide(segmentation.network, size), size);
    assert.is(segmentation.network.inChannels, MASK_CHANNEL);
    assert.is(segmentation.network.classes, TUMOUR_CLASSES.length + 1);
  });

  test(`${name}: its U-Net's budget holds its warm-up and several looks at the validation set`, () => {
    const { images, epochImages, batchSize, warmUpEpochs, validateEveryImages } = segmentation.training;
    assert.ok(warmUpEpochs * epochImages <= images);
    assert.ok(batchSize <= epochImages);
    assert.ok(validateEveryImages * 2 <= images);
  });

  test(`${name}: expects a duration only of stages that there are`, () => {
    const known = [
      "cohort",
      "slices",
      "diffusion",
      "samples",
      "segmentation-real",
      "segmentation-synthetic",
      "memorization",
      "figures",
      "notebooks",
    ];
    for (const [stage, sec] of Object.entries(profile.expectedSec)) {
      assert.ok(known.includes(stage), stage);
      assert.ok(sec > 0);
    }
  });
}

test("the study's own denoiser is that of its flags", () => {
  // image_size 256, num_channels 64, num_res_blocks 3, attention_resolutions 16,8: guided-diffusion's channel_mult at 256.
  assert.equal(
    STUDY_DENOISER.attentionFactors.map((factor) => 256 / factor),
    [16, 8],
  );
  assert.equal(STUDY_DENOISER.channelMultipliers, [1, 1, 2, 2, 4, 4]);
});

test.run();
