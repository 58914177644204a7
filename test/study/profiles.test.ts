import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WORKING_SIZES } from "../../lib/data/shrink-slices";
import { checkRecipe } from "../../lib/data/simulation/cohort-recipe";
import { InputError } from "../../lib/errors";
import { countParameters } from "../../lib/generators/build-networks";
import { GENERATOR_NAMES, sizeOf } from "../../lib/generators/generator-config";
import { readCard } from "../../lib/generators/zoo";
import { outputSide } from "../../lib/models/unet/unet-size";
import { MASK_CHANNEL, TUMOUR_CLASSES } from "../../lib/shape";
import { generatorCells, segmentationCells, tableRows, rowName } from "../../lib/study/grid/cells";
import { PROFILE_NAMES } from "../../lib/study/profile";
import { profileOf } from "../../lib/study/profiles";
import { cohortFolder } from "../../lib/study/stages/cohort";

const test = suite("profiles");

const PROFILES = PROFILE_NAMES.map(profileOf);

/** The simulated cohort of a profile, as its grid sees it. */
function cohortOf({ cohort, split }: (typeof PROFILES)[number]): {
  readonly cohort: string;
  readonly trainingSubjects: number;
} {
  return {
    cohort: "simulated",
    trainingSubjects: cohort.recipe.subjects - split.validation - split.test,
  };
}

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
        error.message ===
          `profile ${name}: is not known. Choose one of smoke, quick, laptop, workstation, paper`,
    );
});

test("the generators that come with the project fit where they are used", () => {
  const [quick, laptop] = [profileOf("quick"), profileOf("laptop")];
  assert.equal([quick.generatorWeights, laptop.generatorWeights], ["shipped", "trained"]);
  const decisive = ({ seed, cohort, split }: typeof quick) => ({ seed, cohort, split });
  assert.equal(decisive(quick), decisive(laptop));
  const { folderName } = cohortFolder({ profile: quick });
  for (const { generator, subjects } of generatorCells(quick.grid, cohortOf(quick))) {
    const all = subjects === cohortOf(quick).trainingSubjects;
    const { data } = readCard(`${generator}-${quick.size}${all ? "" : `-n${subjects}`}`);
    assert.is(data.source, `simulated cohort ${folderName}`);
    assert.is(data.subjects, subjects);
  }
});

test("smoke and the paper run every row of both networks", () => {
  for (const name of ["smoke", "paper"] as const) {
    const cells = segmentationCells(profileOf(name).grid, cohortOf(profileOf(name)));
    for (const segmenter of ["unet", "swin"])
      for (const row of tableRows())
        assert.ok(
          cells.some((cell) => cell.segmenter === segmenter && rowName(cell) === rowName(row)),
          `${name}: ${segmenter} on ${rowName(row)}`,
        );
  }
  assert.is(
    new Set(segmentationCells(profileOf("paper").grid, cohortOf(profileOf("paper"))).map(({ seed }) => seed))
      .size,
    10,
  );
});

test("smoke has networks on fewer subjects, so that it draws every figure", () => {
  const smoke = profileOf("smoke");
  const few = segmentationCells(smoke.grid, cohortOf(smoke)).filter(({ subjects }) => subjects === 2);
  assert.equal(few.map(rowName), ["real", "real+diffusion"]);
});

test("quick has numbers for every table and figure: both networks, mixed, augmented and on fewer subjects", () => {
  const quick = profileOf("quick");
  const cells = segmentationCells(quick.grid, cohortOf(quick));
  const rows = (segmenter: string, subjects: number) =>
    cells.filter((cell) => cell.segmenter === segmenter && cell.subjects === subjects).map(rowName);
  const plain = tableRows().filter(({ augmentation }) => !augmentation);
  assert.equal(rows("unet", 52).sort(), [...plain.map(rowName), "real", "real-augmented"].sort());
  assert.equal(rows("unet", 23), ["real", "real+diffusion"]);
  assert.equal(rows("swin", 52), ["real", "diffusion"]);
  // Every other row is divided by the one on real slices.
  const again = cells.filter(({ seed }) => seed !== 1);
  assert.equal(
    again.map((cell) => [cell.segmenter, rowName(cell), cell.subjects, cell.seed]),
    [["unet", "real", 52, 2]],
  );
});

test("every profile has the U-Net on real slices, whose encoder measures images", () => {
  for (const profile of PROFILES) {
    const [first] = profile.grid.segmentation.flatMap(({ seeds }) => seeds);
    const plain = segmentationCells(profile.grid, cohortOf(profile)).find(
      (cell) => cell.segmenter === "unet" && rowName(cell) === "real" && cell.seed === first,
    );
    assert.is(plain?.subjects, cohortOf(profile).trainingSubjects);
    assert.ok(generatorCells(profile.grid, cohortOf(profile)).length > 0);
  }
});

for (const profile of PROFILES) {
  const { name, cohort, split, size, generators, sampling, segmenters } = profile;

  test(`${name}: its cohort can be made, split, and shrunk to its size`, () => {
    checkRecipe(cohort.recipe);
    assert.ok(split.validation >= 1 && split.test >= 2, "an interval needs two test subjects");
    assert.ok(cohort.recipe.subjects - split.validation - split.test >= 1, "subjects to train on");
    assert.ok((WORKING_SIZES as readonly number[]).includes(size));
  });

  test(`${name}: its generators can be built, of its size, and are what they are called`, () => {
    for (const generator of GENERATOR_NAMES) {
      const config = generators[generator];
      assert.is(config.kind, generator);
      assert.is(sizeOf(config), size);
      assert.ok(countParameters(config).generator > 0);
    }
  });

  test(`${name}: a fifth of the images can choose the weights, the rest make a batch`, () => {
    for (const { config } of Object.values(segmenters)) {
      assert.ok(0.2 * sampling.images >= 1);
      assert.ok(0.8 * sampling.images >= config.batchSize);
      assert.ok(config.validateEveryImages <= config.images);
    }
  });

  test(`${name}: its U-Net predicts the whole slice, from the sequences alone`, () => {
    const { network, config } = segmenters.unet;
    assert.is(network.inChannels, MASK_CHANNEL);
    assert.is(network.classes, TUMOUR_CLASSES.length + 1);
    if (network.padding === "same") assert.is(outputSide(network, size), size);
    assert.ok(config.warmUpEpochs * config.epochImages <= config.images);
  });

  test(`${name}: its Swin transformer has four stages of a width that its heads divide`, () => {
    const { backbone } = segmenters.swin.network;
    assert.is(backbone.inChannels, MASK_CHANNEL);
    assert.is(backbone.depths.length, 4);
    backbone.heads.forEach((heads, stage) => {
      assert.is((backbone.embedding * 2 ** stage) % heads, 0);
    });
  });
}

test.run();
