import { suite } from "uvu";
import * as assert from "uvu/assert";
import { architectureOf } from "../../lib/generators/architecture";
import { countParameters } from "../../lib/generators/build-networks";
import { GENERATOR_NAMES } from "../../lib/generators/generator-config";
import { smallConfig } from "../../lib/generators/small-configs";
import { studyConfig } from "../../lib/generators/study-configs";

const test = suite("architecture");

test("the parts of every network add up to its parameters, small and as in the study", () => {
  for (const name of GENERATOR_NAMES)
    for (const config of [smallConfig(name, 32), studyConfig(`brats2020/${name}`)]) {
      const sums = architectureOf(config).map(({ parts }) =>
        parts.reduce((sum, { parameters }) => sum + parameters, 0),
      );
      const { generator, discriminator } = countParameters(config);
      assert.equal(sums, discriminator === null ? [generator] : [generator, discriminator]);
    }
});

test("a GAN's parts are its resolutions, with the channels of the reference", () => {
  const [generator] = architectureOf(studyConfig("brats2020/stylegan2"));
  assert.equal(
    generator?.parts.map(({ part, channels }) => `${part}: ${channels}`),
    [
      "mapping: 512",
      ...["4 x 4", "8 x 8", "16 x 16", "32 x 32", "64 x 64"].map((part) => `${part}: 512`),
      "128 x 128: 256",
      "256 x 256: 128",
    ],
  );
});

test("StyleGAN 3's parts are its sampling rates", () => {
  const [generator] = architectureOf(studyConfig("brats2020/stylegan3"));
  assert.equal(
    generator?.parts.map(({ part, channels }) => `${part}: ${channels}`),
    [
      "mapping: 512",
      "Fourier features: 512",
      "sampled at 16 x 16: 512",
      "sampled at 32 x 32: 512",
      "sampled at 64 x 64: 512",
      "sampled at 128 x 128: 512 to 362",
      "sampled at 256 x 256: 256 to 128",
      "to the image: 5",
    ],
  );
});

test("the denoiser goes down to the lowest resolution and up again", () => {
  const [denoiser] = architectureOf(smallConfig("diffusion", 32));
  assert.equal(
    denoiser?.parts.map(({ part, channels }) => `${part}: ${channels}`),
    [
      "time embedding: 64",
      "input: 16",
      "down, 32 x 32: 16",
      "down, 16 x 16: 32",
      "down, 8 x 8: 64",
      "middle: 64",
      "up, 8 x 8: 64",
      "up, 16 x 16: 32",
      "up, 32 x 32: 16",
      "output: 5",
    ],
  );
});

test.run();
