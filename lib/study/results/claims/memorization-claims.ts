import type { Rng } from "../../../backend/rng";
import type { Interval } from "../../../metrics/bootstrap";
import { GENERATOR_NAMES } from "../../../generators/generator-config";
import { bootstrapShares, REFERENCE_SHARE } from "../memorization-shares";
import { generatorTitle } from "../names";
import type { MemorizationRecord, StudyResults } from "../study-results";
import { BUDGET_TOLERANCE, imagesSeenBy, likeBudget } from "../training-budgets";
import { untestable, untested, type Claim, type Effect, type Judgement } from "./claim";

const STUDY_SOURCE =
  "stated (abstract of the study; its companion, arXiv 2305.07644, compares with StyleGAN)";
/** Share of images above the threshold where nothing is memorized. */
const CHANCE = 1 - REFERENCE_SHARE;

/** "A diffusion model memorizes its training images when they are of few subjects." */
export function fewSubjectsClaim(results: StudyResults, rng: Rng): Claim {
  const records = wholeImage(results)
    .filter(({ cell }) => cell.generator === "diffusion")
    .sort((a, b) => a.cell.subjects - b.cell.subjects);
  const [fewest, most] = [records[0], records.at(-1)];
  const shares = records.map((record) => shareEffect(record, rng));
  const difference =
    fewest === undefined || most === undefined || fewest === most
      ? undefined
      : bootstrapShares([fewest, most], ([few = NaN, many = NaN]) => few - many, rng);
  return {
    id: "memorization-few-subjects",
    statement: "A diffusion model memorizes its training images when they are of few subjects.",
    study: STUDY_SOURCE,
    stated: true,
    rule: `Memorized: more images above the 99th percentile of held-out real slices than the ${percent(CHANCE)} of those. Reproduced: with the fewest subjects the interval of that share lies above ${percent(CHANCE)}, and that of its difference to the most subjects above 0. In part: one of the two. Not reproduced: neither. Not tested: the two networks have seen neither as many images in training nor each slice as often, within ${percent(BUDGET_TOLERANCE)}, since a longer training memorizes more.`,
    effects: [
      ...shares,
      ...(difference === undefined || fewest === undefined || most === undefined
        ? []
        : [
            differenceEffect(`${fewest.cell.subjects} against ${most.cell.subjects} subjects`, difference, [
              fewest,
              most,
            ]),
          ]),
    ],
    ...(judgeBudgets(results, fewest, most) ?? judgeFew(results, shares[0], difference)),
  };
}

/** "A diffusion model memorizes more than the GANs." */
export function moreThanGansClaim(results: StudyResults, rng: Rng): Claim {
  const all = wholeImage(results);
  const counts = [...new Set(all.map(({ cell }) => cell.subjects))].sort((a, b) => a - b);
  const groups = counts.map((subjects) => all.filter(({ cell }) => cell.subjects === subjects));
  // Few subjects are where the study found the difference.
  const group =
    groups.find((records) => diffusionOf(records) !== undefined && gansOf(records).length > 0) ?? [];
  const diffusion = diffusionOf(group);
  const differences =
    diffusion === undefined
      ? []
      : gansOf(group).map((gan) => ({
          gan,
          value: bootstrapShares([diffusion, gan], ([of = NaN, other = NaN]) => of - other, rng),
        }));
  return {
    id: "memorization-more-than-gans",
    statement: "A diffusion model memorizes more of its training images than the GANs.",
    study: STUDY_SOURCE,
    stated: true,
    rule: "Compared are the shares of images above the 99th percentile of held-out real slices, at the fewest training subjects that diffusion and a GAN have in common. Reproduced: four GANs tested, and the interval of every difference lies above 0. In part: that of at least one does. Not reproduced: none does.",
    effects: [
      ...group.map((record) => shareEffect(record, rng)),
      ...differences.map(({ gan, value }) =>
        differenceEffect(
          `diffusion against ${generatorTitle(gan.cell.generator)}, ${gan.cell.subjects} subjects`,
          value,
          diffusion === undefined ? [gan] : [diffusion, gan],
        ),
      ),
    ],
    ...judgeGans(results, differences),
  };
}

/** Networks that were not trained alike say nothing about subjects. */
function judgeBudgets(
  results: StudyResults,
  fewest: MemorizationRecord | undefined,
  most: MemorizationRecord | undefined,
): Judgement | undefined {
  if (fewest === undefined || most === undefined) return undefined;
  const [few, many] = [imagesSeenBy(results, fewest.cell), imagesSeenBy(results, most.cell)];
  if (few === undefined || many === undefined) return undefined;
  if (likeBudget(results, [fewest.cell, most.cell]) !== undefined) return undefined;
  const count = (images: number): string => images.toLocaleString("en-US");
  return untested(
    `The network of the fewest subjects has seen ${count(few)} images in training, that of the most ${count(many)}: how much is memorized grows with them.`,
    "networks trained on the same number of images, or on each slice as often",
  );
}

function judgeFew(
  results: StudyResults,
  few: Effect | undefined,
  difference: Interval | undefined,
): Judgement {
  if (few === undefined || difference === undefined)
    return untested(
      "The diffusion model was not compared at two numbers of training subjects.",
      "diffusion models trained on at least two numbers of subjects",
    );
  const gate = untestable(results, results.cohort.test.subjects);
  if (gate !== undefined) return gate;
  const [memorizes, falls] = [few.value.low > CHANCE, difference.low > 0];
  const why = `With the fewest subjects ${percent(few.value.estimate)} of the images lie above the threshold, ${points(difference.estimate)} ${difference.estimate < 0 ? "fewer" : "more"} than with the most.`;
  const verdict = memorizes && falls ? "reproduced" : memorizes || falls ? "in part" : "not reproduced";
  return { verdict, why, needed: null };
}

function judgeGans(
  results: StudyResults,
  differences: readonly { readonly gan: MemorizationRecord; readonly value: Interval }[],
): Judgement {
  if (differences.length === 0)
    return untested(
      "No GAN has a memorization record at a number of subjects that the diffusion model has too.",
      "a GAN and a diffusion model trained on the same subjects",
    );
  const gate = untestable(results, results.cohort.test.subjects);
  if (gate !== undefined) return gate;
  const more = differences.filter(({ value }) => value.low > 0).length;
  const why = `The diffusion model has more images above the threshold than ${more} of ${differences.length} GANs tested.`;
  if (more === 0) return { verdict: "not reproduced", why, needed: null };
  const tested = differences.map(({ gan }) => gan.cell.generator);
  const missing = GENERATOR_NAMES.filter((name) => name !== "diffusion" && !tested.includes(name));
  return {
    verdict: more === differences.length && missing.length === 0 ? "reproduced" : "in part",
    why,
    needed: missing.length === 0 ? null : `results of ${missing.map(generatorTitle).join(", ")}`,
  };
}

/** Records of the study's own method, which leaves the background in; one a generator and number of subjects. */
function wholeImage({ memorization }: StudyResults): readonly MemorizationRecord[] {
  const records = memorization.filter(({ extent }) => extent === "image");
  const first = new Map<string, MemorizationRecord>();
  for (const record of records) {
    const name = `${record.cell.generator} ${record.cell.subjects}`;
    if (!first.has(name)) first.set(name, record);
  }
  return [...first.values()];
}

function diffusionOf(records: readonly MemorizationRecord[]): MemorizationRecord | undefined {
  return records.find(({ cell }) => cell.generator === "diffusion");
}

function gansOf(records: readonly MemorizationRecord[]): readonly MemorizationRecord[] {
  return records.filter(({ cell }) => cell.generator !== "diffusion");
}

function shareEffect(record: MemorizationRecord, rng: Rng): Effect {
  const { cell, origin, synthetic } = record;
  return {
    what: `share above the threshold, ${generatorTitle(cell.generator)}, ${cell.subjects} subjects`,
    value: bootstrapShares([record], ([share = NaN]) => share, rng),
    digits: 3,
    over: `${synthetic.length} images and ${new Set(record.heldOutSubject).size} held-out subjects`,
    seeds: 1,
    origins: [origin],
  };
}

function differenceEffect(what: string, value: Interval, records: readonly MemorizationRecord[]): Effect {
  return {
    what: `difference of the shares, ${what}`,
    value,
    digits: 3,
    over: `${records.map(({ synthetic }) => synthetic.length).join(" and ")} images`,
    seeds: 1,
    origins: records.map(({ origin }) => origin),
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** A difference of two shares, without its sign. */
function points(difference: number): string {
  return `${(100 * Math.abs(difference)).toFixed(1)} percentage points`;
}
