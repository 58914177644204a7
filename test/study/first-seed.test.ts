import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputError } from "../../lib/errors";
import { firstSeed, firstSeedOf, withFirstSeed } from "../../lib/study/first-seed";
import { profileOf } from "../../lib/study/profiles";

const test = suite("first seed");

test("trainings of a row count on from the seed that was asked for; split and cohort stay", () => {
  const laptop = profileOf("laptop");
  const moved = withFirstSeed(laptop, 7);
  assert.equal(
    moved.grid.segmentation.map(({ seeds }) => seeds),
    [[7, 8], [7], [7]],
  );
  assert.equal(
    moved.grid.generators.map(({ seeds }) => seeds),
    [[7]],
  );
  assert.is(moved.grid.generatorSeed, 7);
  assert.is(firstSeed(moved.grid), 7);
  assert.equal({ ...moved, grid: laptop.grid }, laptop);
});

test("the profile's own seed changes nothing, from 0 on too", () => {
  for (const name of ["smoke", "laptop", "paper"]) {
    const profile = profileOf(name);
    assert.equal(withFirstSeed(profile, firstSeed(profile.grid)), profile);
  }
});

test("generators that come with the project keep their seed", () => {
  const { grid } = withFirstSeed(profileOf("quick"), 3);
  assert.is(grid.generatorSeed, 1);
  assert.equal(grid.generators, profileOf("quick").grid.generators);
  const before = profileOf("quick").grid.segmentation.flatMap(({ seeds }) => seeds);
  assert.equal(
    grid.segmentation.flatMap(({ seeds }) => seeds),
    before.map((seed) => seed + 2),
  );
});

test("the environment's seed serves where none is named, and what is no seed is refused in one line", () => {
  assert.is(firstSeedOf(undefined, undefined), undefined);
  assert.is(firstSeedOf(undefined, ""), undefined);
  assert.is(firstSeedOf(undefined, "4"), 4);
  assert.is(firstSeedOf(0, "4"), 0);
  for (const text of ["x", "-1", "1.5"])
    assert.throws(
      () => firstSeedOf(undefined, text),
      (error: unknown) =>
        error instanceof InputError &&
        error.message === `seed ${text}: is no whole number from 0. Give one, such as 2`,
    );
});

test.run();
