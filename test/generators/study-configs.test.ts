import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputError } from "../../lib/errors";
import { countParameters } from "../../lib/generators/build-networks";
import { GENERATOR_NAMES, sizeOf } from "../../lib/generators/generator-config";
import { SMALL_SIZES, smallConfig } from "../../lib/generators/small-configs";
import { STUDY_CONFIG_NAMES, studyConfig } from "../../lib/generators/study-configs";
import { SLICE_CHANNELS } from "../../lib/shape";

const test = suite("generator settings");

const isInputError = (error: unknown): boolean => error instanceof InputError;

/**
 * Trained values at 256x256 and five channels, worked out from the references' shapes. The same sums at three
 * channels and other sizes are those that the references print: see the tests of each network.
 */
const COUNTS: Readonly<Record<string, readonly [number, number | null]>> = {
  "progressive-gan": [23_049_315, 23_057_345],
  stylegan1: [26_091_235, 23_057_345],
  stylegan2: [30_040_240, 28_864_385],
  stylegan3: [28_472_391, 28_864_385],
  diffusion: [41_125_637, null],
};

for (const name of STUDY_CONFIG_NAMES)
  test(`${name}: 256 pixels, five channels, as many parameters as its reference`, () => {
    const config = studyConfig(name);
    assert.is(sizeOf(config), 256);
    const channels = config.kind === "diffusion" ? config.network : config.generator;
    assert.is(channels.imageChannels, SLICE_CHANNELS);
    const { generator, discriminator } = countParameters(config);
    if (name === "reference/stylegan3-r") assert.is(generator, 18_816_901);
    else assert.equal([generator, discriminator], COUNTS[config.kind]);
  });

test("there is one of each generator for each cohort, and no other name is known", () => {
  for (const cohort of ["brats2020", "brats2021"])
    for (const kind of GENERATOR_NAMES) assert.is(studyConfig(`${cohort}/${kind}`).kind, kind);
  for (const name of ["", "stylegan2", "brats2019/stylegan2", "toString"])
    assert.throws(() => studyConfig(name), isInputError);
});

test("the study's own choices stand in them", () => {
  const gamma = (name: string) => {
    const config = studyConfig(name);
    return config.kind === "diffusion" ? undefined : config.training.r1?.gamma;
  };
  assert.equal(["brats2020/stylegan2", "brats2021/stylegan2"].map(gamma), [8, 8]);
  assert.equal(["brats2020/stylegan3", "brats2021/stylegan3"].map(gamma), [8, 10]);
  assert.equal(studyConfig("brats2020/stylegan1").sampling, {
    truncation: { psi: 0.7, layers: 8 },
    noise: "random",
    batchSize: 16,
  });
  const diffusion = studyConfig("brats2020/diffusion");
  if (diffusion.kind !== "diffusion") throw new Error("another generator");
  assert.equal([diffusion.schedule, diffusion.target], [{ name: "linear", steps: 4000 }, "noise"]);
  assert.equal(diffusion.sampling.method, { kind: "ancestral" });
  assert.equal(diffusion.network.channelMultipliers, [1, 1, 2, 2, 4, 4]);
});

/** Half precision: two bytes a value; buffers are few. */
const MOST_VALUES = (4 * 2 ** 20) / 2;

for (const kind of GENERATOR_NAMES)
  for (const size of SMALL_SIZES)
    test(`${kind} at ${size} pixels can be declared and is small enough to ship`, () => {
      const config = smallConfig(kind, size);
      assert.equal([config.kind, sizeOf(config)], [kind, size]);
      const { generator } = countParameters(config);
      assert.ok(generator < MOST_VALUES, `${generator}`);
      assert.ok(config.training.images >= 50_000);
    });

test("other sizes are refused", () => {
  assert.throws(() => smallConfig("stylegan2", 48), isInputError);
});

test.run();
