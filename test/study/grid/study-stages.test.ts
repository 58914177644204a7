import { suite } from "uvu";
import * as assert from "uvu/assert";
import { StudyStages } from "../../../lib/study/grid/study-stages";
import type { Profile } from "../../../lib/study/profile";
import { profileOf } from "../../../lib/study/profiles";
import { withImages } from "../../../lib/study/scaled-generators";
import { missingReason } from "../../../lib/study/study-stage";
import { temporaryFolder } from "../../temporary-folder";
import { testContext } from "../context";

const test = suite("stages of the grid");

test.before(() => {
  // Without the atlas and without files of other networks, whatever this machine has.
  process.env["SYNTHMR_CACHE"] = temporaryFolder();
});

const SMOKE = profileOf("smoke");

/** Keys of a profile's stages by their names. */
function keysOf(profile: Profile): ReadonlyMap<string, string> {
  const stages = new StudyStages(testContext({ profile })).all();
  return new Map(stages.map(({ name, key }) => [name, key]));
}

/** Names of the stages whose keys a change of the profile changes. */
function changed(change: Partial<Profile>): readonly string[] {
  const after = keysOf({ ...SMOKE, ...change });
  return [...keysOf(SMOKE)].filter(([name, key]) => after.get(name) !== key).map(([name]) => name);
}

const matching = (pattern: RegExp) => [...keysOf(SMOKE).keys()].filter((name) => pattern.test(name));

test("the smoke profile has the whole grid in miniature", () => {
  const names = matching(/./);
  const count = (pattern: RegExp) => names.filter((name) => pattern.test(name)).length;
  assert.is(count(/^unet-.*-n3-/), 22);
  assert.is(count(/^swin-/), 22);
  // And two on fewer subjects, real alone and with the diffusion model.
  assert.is(count(/^unet-.*-n2-/), 2);
  // Five generators, and the diffusion model on fewer subjects.
  assert.equal([count(/^samples-/), count(/^quality-/), count(/^memorization-/)], [6, 6, 6]);
  assert.is(count(/^copies-/), 6);
  // What images of all generators on as many subjects are held against, once.
  assert.equal([count(/^reference-memorization-/), count(/^reference-copies-/)], [2, 2]);
  assert.equal([count(/^cohort$/), count(/^slices$/), count(/^real-features$/)], [1, 1, 1]);
  assert.is(new Set(keysOf(SMOKE).values()).size, names.length);
});

test("inputs stand before what needs them", () => {
  const stages = new StudyStages(testContext()).all();
  stages.forEach(({ inputs }, place) => {
    for (const { key } of Object.values(inputs))
      assert.ok(stages.slice(0, place).some((stage) => stage.key === key));
  });
});

test("the same profile has the same keys, wherever it runs", () => {
  assert.equal([...keysOf(SMOKE)], [...keysOf(SMOKE)]);
});

test("another augmentation changes the augmented rows, and no others", () => {
  const augmentation = { ...SMOKE.augmentation, gamma: { ...SMOKE.augmentation.gamma, probability: 0.5 } };
  assert.equal(changed({ augmentation }), matching(/-augmented-/));
});

test("another budget of a network changes its rows, and what its encoder measures", () => {
  const { unet, swin } = SMOKE.segmenters;
  const longer = { ...swin, config: { ...swin.config, images: 320 } };
  assert.equal(changed({ segmenters: { unet, swin: longer } }), matching(/^swin-/));
  const wider = { ...unet, network: { ...unet.network, firstChannels: 8 } };
  assert.equal(
    changed({ segmenters: { unet: wider, swin } }),
    matching(/^(unet|quality|copies|reference-copies|real-features)/),
  );
});

test("another generator changes what sees its images", () => {
  const stylegan2 = withImages(SMOKE.generators.stylegan2, 320) as typeof SMOKE.generators.stylegan2;
  assert.equal(changed({ generators: { ...SMOKE.generators, stylegan2 } }), matching(/stylegan2/));
});

test("as many passes over the slices of fewer subjects change their generators, and none of all subjects", () => {
  const fewerSubjects = "same passes";
  assert.equal(changed({ fewerSubjects }), matching(/diffusion-n2-/));
  const stages = new StudyStages(testContext({ profile: { ...SMOKE, fewerSubjects } }));
  const images = stages
    .generatorCells()
    .filter(({ generator }) => generator === "diffusion")
    .map((cell) => stages.generator(cell).work.images);
  // 192 of three subjects; of two, two thirds.
  assert.equal(images, [192, 128]);
});

test("another way of drawing leaves the generator's training", () => {
  const { diffusion } = SMOKE.generators;
  const sampling = { ...diffusion.sampling, method: { kind: "ancestral" } as const };
  assert.equal(
    changed({ generators: { ...SMOKE.generators, diffusion: { ...diffusion, sampling } } }),
    matching(/diffusion/).filter((name) => !name.startsWith("diffusion")),
  );
  assert.equal(
    changed({ sampling: { images: 48 } }),
    matching(/^(samples|quality|memorization|copies)|^(unet|swin)-(real\+)?(progressive|stylegan|diffusion)/),
  );
});

test("another split changes everything but the cohort and its volumes", () => {
  assert.equal(changed({ seed: 9 }), matching(/^(?!cohort|volumes)/));
});

test("more cells in the grid change no key of the others", () => {
  const [first, ...others] = SMOKE.grid.segmentation;
  if (first === undefined) throw new Error("the grid is empty");
  assert.equal(
    changed({ grid: { ...SMOKE.grid, segmentation: [{ ...first, seeds: [1, 2] }, ...others] } }),
    [],
  );
});

test("a generator whose weights do not come with the project is told, with all that needs its images", () => {
  // Nothing of this size is shipped.
  const shipped = { ...SMOKE, generatorWeights: "shipped" as const };
  const diffusion = { ...SMOKE.generators.diffusion, size: 8 };
  const stages = new StudyStages(
    testContext({ profile: { ...shipped, generators: { ...SMOKE.generators, diffusion } } }),
  );
  const reasons = stages
    .all()
    .filter(({ name }) => name.includes("diffusion"))
    .map(missingReason);
  assert.ok(reasons.length > 8);
  for (const reason of reasons)
    assert.match(
      reason ?? "",
      /^weights of the diffusion model, \d subjects \(diffusion-8(-n2)?\) do not come/,
    );
  assert.is(missingReason(stages.slices), undefined);
});

test.run();
