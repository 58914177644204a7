import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GENERATOR_NAMES } from "../../lib/generators/generator-config";
import { recipeOf } from "../../lib/generators/recipe";
import { smallConfig } from "../../lib/generators/small-configs";
import { studyConfig } from "../../lib/generators/study-configs";

const test = suite("recipe");

const settings = (name: string): Readonly<Record<string, string>> =>
  Object.fromEntries(recipeOf(studyConfig(name)).map(({ what, value }) => [what, value]));

test("the study's settings read as the study states them", () => {
  const stylegan2 = settings("brats2020/stylegan2");
  assert.is(stylegan2["images seen"], "25,000,000");
  assert.is(stylegan2["batch"], "32");
  assert.is(stylegan2["R1 penalty"], "gamma 8, every 16 steps");
  assert.is(settings("brats2020/stylegan1")["truncation"], "psi 0.7, first 8 layers");
  const diffusion = settings("brats2020/diffusion");
  assert.is(diffusion["noise schedule"], "linear, 4,000 steps");
  assert.is(diffusion["sampling"], "ancestral, all 4,000 steps");
});

test("the small settings name the same things, so that both stand side by side", () => {
  for (const name of GENERATOR_NAMES) {
    const [here, study] = [smallConfig(name, 32), studyConfig(`brats2020/${name}`)].map((config) =>
      recipeOf(config).map(({ what }) => what),
    );
    assert.equal(here, study);
  }
});

test.run();
