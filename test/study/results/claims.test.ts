import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GENERATOR_NAMES, type GeneratorName } from "../../../lib/generators/generator-config";
import { tableRows } from "../../../lib/study/grid/cells";
import { claimsTable, makeClaims } from "../../../lib/study/results/claims";
import { caveatOf, verdictText, type Claim } from "../../../lib/study/results/claims/claim";
import type { SegmentationRecord, StudyResults } from "../../../lib/study/results/study-results";
import { emptyResults, generatorCell, matched, qualityOf, trained } from "./made-up";
import { wholeStudy } from "./whole-study";

const test = suite("claims");

const REAL = [0.5, 0.6, 0.62, 0.7, 0.71, 0.72, 0.75, 0.8, 0.81, 0.83];
const BASE = trained({}, REAL);

/** Scores that lie at a share of the real ones, alternating a little around it. */
function scaled(share: number): readonly number[] {
  return REAL.map((value, i) => value * (share + (i % 2 === 0 ? 0.005 : -0.005)));
}

function withRows(rows: readonly SegmentationRecord[], more: Partial<StudyResults> = {}): StudyResults {
  const segmentation = [BASE, ...rows];
  return emptyResults({
    segmentation,
    planned: { generators: [], segmentation: segmentation.map(({ cell }) => cell) },
    ...more,
  });
}

function claim(results: StudyResults, id: string): Claim {
  const found = makeClaims(results).find((one) => one.id === id);
  assert.ok(found, id);
  return found;
}

function synthetic(shares: Partial<Record<GeneratorName, number>>): readonly SegmentationRecord[] {
  return GENERATOR_NAMES.flatMap((generator) => {
    const share = shares[generator];
    return share === undefined ? [] : [trained({ generator, real: false }, scaled(share))];
  });
}

function all(share: number): Partial<Record<GeneratorName, number>> {
  return Object.fromEntries(GENERATOR_NAMES.map((name) => [name, share]));
}

const relative = (shares: Partial<Record<GeneratorName, number>>, more: Partial<StudyResults> = {}): Claim =>
  claim(withRows(synthetic(shares), more), "relative-dice-unet");

test("relative Dice is reproduced where all five generators are in the range", () => {
  const { verdict, effects } = relative(all(0.85));
  assert.is(verdict, "reproduced");
  assert.is(effects.length, 5);
  assert.ok(
    effects.every(
      ({ over, seeds, origins }) =>
        over === "10 simulated test subjects" && seeds === 1 && origins.length === 2,
    ),
  );
});

test("relative Dice is reproduced in part where a generator is below, above or not there", () => {
  assert.is(relative({ ...all(0.85), diffusion: 0.6 }).verdict, "in part");
  assert.is(relative({ ...all(0.85), diffusion: 0.99 }).verdict, "in part");
  const four = Object.fromEntries(Object.entries(all(0.85)).filter(([name]) => name !== "stylegan3"));
  assert.is(relative(four).verdict, "in part");
  assert.is(relative(four).needed, "results of StyleGAN 3");
});

test("relative Dice is not reproduced where every generator is below the range, or above it", () => {
  assert.is(relative(all(0.6)).verdict, "not reproduced");
  assert.is(relative(all(1)).verdict, "not reproduced");
  assert.match(relative(all(0.6)).why, /Wholly outside lie 5 below it\.$/);
  assert.match(
    relative({ ...all(1), diffusion: 0.6 }).why,
    /Wholly outside lie 4 above it and 1 below it\.$/,
  );
  assert.match(relative(all(0.85)).why, /reaches into it\.$/);
});

test("relative Dice is not tested without rows, in a profile that means nothing, or with too few subjects", () => {
  const nothing = "not tested at this scale";
  assert.is(relative({}).verdict, nothing);
  const profile = { ...emptyResults().profile, meaningful: false };
  assert.is(relative(all(0.85), { profile }).verdict, nothing);
  const few = [trained({}, [0.7, 0.8]), trained({ generator: "diffusion", real: false }, [0.6, 0.7])];
  const results = emptyResults({
    segmentation: few,
    planned: { generators: [], segmentation: few.map(({ cell }) => cell) },
  });
  assert.is(claim(results, "relative-dice-unet").verdict, nothing);
});

test("an interval as wide as anything does not agree with the range", () => {
  const wild = REAL.map((value, i) => (i < 5 ? 0.1 * value : 1.2 * value));
  const { verdict, needed } = claim(
    withRows([trained({ generator: "diffusion", real: false }, wild)]),
    "relative-dice-unet",
  );
  assert.is(verdict, "not tested at this scale");
  assert.is(needed, "more test subjects");
});

/** Held-out slices of 20 subjects, evenly between 0.8 and 0.9, and images of which a share lies above them. */
function memorized(generator: GeneratorName, subjects: number, share: number): ReturnType<typeof matched> {
  const heldOut = Array.from({ length: 200 }, (_, i) => 0.8 + 0.0005 * ((i * 37) % 200));
  const images = Array.from({ length: 400 }, (_, i) => (i < 400 * share ? 0.97 : 0.85));
  return matched(generatorCell(generator, subjects), images, heldOut);
}

test("memorization with few subjects is reproduced where the share falls with more of them", () => {
  const verdict = (few: number, many: number): string =>
    claim(
      emptyResults({ memorization: [memorized("diffusion", 12, few), memorized("diffusion", 52, many)] }),
      "memorization-few-subjects",
    ).verdict;
  assert.is(verdict(0.5, 0.02), "reproduced");
  assert.is(verdict(0.5, 0.5), "in part"); // memorizes, but not less with more subjects
  assert.is(verdict(0, 0), "not reproduced");
  assert.is(verdict(0, 0.5), "not reproduced");
});

test("memorization with few subjects is not tested at one number of subjects", () => {
  const one = emptyResults({ memorization: [memorized("diffusion", 52, 0.5)] });
  assert.is(claim(one, "memorization-few-subjects").verdict, "not tested at this scale");
});

test("memorization with few subjects is not tested by networks that were not trained as long", () => {
  const verdict = (fewImages: number): string => {
    const generators = wholeStudy()
      .generators.filter(({ cell }) => cell.generator === "diffusion")
      .slice(0, 1)
      .flatMap((record) => [
        { ...record, cell: generatorCell("diffusion", 12), imagesSeen: fewImages },
        { ...record, cell: generatorCell("diffusion", 52), imagesSeen: 140_000 },
      ]);
    assert.is(generators.length, 2);
    const memorization = [memorized("diffusion", 12, 0.5), memorized("diffusion", 52, 0.02)];
    return claim(emptyResults({ memorization, generators }), "memorization-few-subjects").verdict;
  };
  assert.is(verdict(50_000), "not tested at this scale");
  assert.is(verdict(140_000), "reproduced");
  // Each slice as often: 140,000 x 12 / 52.
  assert.is(verdict(32_308), "reproduced");
});

test("diffusion memorizes more than the GANs only where every one of four was tested and has less", () => {
  const verdict = (diffusion: number, gans: Partial<Record<GeneratorName, number>>): string => {
    const memorization = [
      memorized("diffusion", 12, diffusion),
      ...Object.entries(gans).map(([name, share]) => memorized(name as GeneratorName, 12, share)),
    ];
    return claim(emptyResults({ memorization }), "memorization-more-than-gans").verdict;
  };
  const low = { "progressive-gan": 0, stylegan1: 0.02, stylegan2: 0.05, stylegan3: 0.03 };
  assert.is(verdict(0.5, low), "reproduced");
  assert.is(verdict(0.5, { stylegan2: 0.05 }), "in part");
  assert.is(verdict(0.5, { ...low, stylegan1: 0.9 }), "in part");
  assert.is(
    verdict(0.02, { ...low, stylegan1: 0.9, stylegan2: 0.5, stylegan3: 0.4, "progressive-gan": 0.3 }),
    "not reproduced",
  );
  assert.is(verdict(0.5, {}), "not tested at this scale");
});

test("quality and Dice are judged by the direction of their correlation", () => {
  const verdict = (frechet: readonly number[], scores: readonly number[], canonical = true): string => {
    const dice = [0.6, 0.7, 0.75, 0.8, 0.85];
    const rows = GENERATOR_NAMES.map((generator, i) =>
      trained({ generator, real: false }, scaled(dice[i] ?? 0)),
    );
    const quality = GENERATOR_NAMES.map((name, i) =>
      qualityOf(name, frechet[i] ?? 0, scores[i] ?? 0, canonical),
    );
    return claim(withRows(rows, { quality }), "quality-does-not-follow-dice").verdict;
  };
  const [rising, falling] = [
    [1, 2, 3, 4, 5],
    [50, 40, 30, 20, 10],
  ];
  const opposite = [10, 20, 30, 40, 50];
  const mixed = [30, 10, 50, 20, 40];
  // A distance that rises, and a score that falls, with Dice: both say the opposite of it.
  assert.is(verdict(opposite, [5, 4, 3, 2, 1]), "reproduced");
  assert.is(verdict(opposite, [5, 4, 3, 2, 1], false), "in part"); // not FID
  // Five points cannot exclude a strong correlation: one measure says so, or both.
  assert.is(verdict(mixed, [3, 1, 5, 2, 4]), "not tested at this scale");
  assert.is(verdict(mixed, [5, 4, 3, 2, 1]), "in part");
  assert.is(verdict([7, 7, 7, 7, 7], [1, 1, 1, 1, 1]), "not tested at this scale"); // r is not defined
  assert.is(verdict(falling, rising), "not reproduced");
  assert.is(verdict(opposite, rising), "not reproduced"); // one of the two follows
  const few = emptyResults({ quality: [qualityOf("diffusion", 40, 2)] });
  assert.is(claim(few, "quality-does-not-follow-dice").verdict, "not tested at this scale");
});

test("real and synthetic slices, and augmentation, are answered by paired tests", () => {
  const both = (share: number): StudyResults =>
    withRows([trained({ generator: "diffusion", real: true }, scaled(share))]);
  const answer = (results: StudyResults, id: string): string => verdictText(claim(results, id));
  const mixed = tableRows().filter(({ real, generator }) => real && generator !== null);
  const baseline = trained({ augmentation: true }, scaled(1));
  const whole = withRows([baseline, ...mixed.map((row) => trained(row, scaled(1.05)))]);
  assert.is(answer(whole, "real-and-synthetic-unet"), "holds here");
  // One pair of ten.
  assert.is(answer(both(1.05), "real-and-synthetic-unet"), "holds in part");
  assert.is(answer(both(1), "real-and-synthetic-unet"), "does not hold here");
  assert.is(answer(both(0.9), "real-and-synthetic-unet"), "does not hold here");
  const one = withRows([
    trained({ generator: "diffusion", real: true }, scaled(1.05)),
    trained({ generator: "stylegan1", real: true }, scaled(0.9)),
  ]);
  assert.is(answer(one, "real-and-synthetic-unet"), "holds in part");
  assert.is(answer(withRows([]), "real-and-synthetic-unet"), "not tested at this scale");
  const augmented = withRows([trained({ augmentation: true }, scaled(1.05))]);
  assert.is(answer(augmented, "augmentation-unet"), "holds in part");
  assert.is(
    answer(withRows([trained({ augmentation: true }, scaled(0.95))]), "augmentation-unet"),
    "does not hold here",
  );
});

test("a verdict says whether it rests on one training each, and no caveat stands where nothing was judged", () => {
  const rows = (seeds: readonly number[]): StudyResults => {
    const segmentation = seeds.flatMap((seed) => [
      trained({ seed }, REAL),
      trained({ generator: "diffusion", real: false, seed }, scaled(0.85)),
    ]);
    return emptyResults({
      segmentation,
      planned: { generators: [], segmentation: segmentation.map(({ cell }) => cell) },
    });
  };
  const caveat = (results: StudyResults): string | null => caveatOf(claim(results, "relative-dice-unet"));
  assert.match(
    caveat(rows([1])) ?? "",
    /^One training of each network: .* another seed may change the verdict/,
  );
  assert.match(caveat(rows([1, 2, 3])) ?? "", /^3 trainings of each network/);
  assert.is(caveat(withRows([])), null);
  const profile = { ...emptyResults().profile, meaningful: false };
  assert.is(caveat({ ...rows([1]), profile }), null);
  const [row] = claimsTable(rows([1])).rows;
  assert.match(String(row?.[3]), "One training of each network");
});

test("a whole study has a claim for each statement and network, each with a reason", () => {
  const claims = makeClaims(wholeStudy());
  assert.equal(
    claims.map(({ id }) => id),
    [
      "relative-dice-unet",
      "relative-dice-swin",
      "memorization-few-subjects",
      "memorization-more-than-gans",
      "quality-does-not-follow-dice",
      "real-and-synthetic-unet",
      "real-and-synthetic-swin",
      "augmentation-unet",
      "augmentation-swin",
    ],
  );
  for (const { why, rule, effects, verdict, needed } of claims) {
    assert.ok(why.length > 20 && rule.length > 20);
    if (verdict === "not tested at this scale") assert.ok(needed);
    for (const { value, seeds, over, origins } of effects) {
      assert.ok(value.low <= value.estimate && value.estimate <= value.high);
      assert.ok(seeds >= 1 && over !== "" && origins.length > 0);
    }
  }
});

test("the same records give the same claims", () => {
  assert.equal(makeClaims(wholeStudy()), makeClaims(wholeStudy()));
});

test.run();
