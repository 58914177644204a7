import { InputError } from "../errors";
import { Table, type Cell } from "../figures/table";
import { GENERATOR_NAMES, type GeneratorName } from "../generators/generator-config";
import { Rng } from "../backend/rng";
import * as tf from "../backend/tf";
import { checkCohortFiles } from "./cohort-checks";
import { sha256 } from "../storage/content-hash";
import { currentResults } from "./current-results";
import { imageFacts } from "./generator-facts";
import { makeClaims } from "./results/claims";
import { verdictText, whyText } from "./results/claims/claim";
import { rowScores } from "./results/row-scores";
import type { Study } from "./study";
import { cohortPath } from "./user-cohort";

/** One thing that was checked: what the study has, what was found here, and what follows. */
interface Check {
  readonly what: string;
  readonly study: string;
  readonly here: Cell;
  /** "holds" and "does not hold" of what the study does not state; else as claims have it. */
  readonly verdict: string;
}

const VERDICTS = { environment, cohort } as const;

/** Parts of the study by the claims that they are about: what their names begin with. */
const CLAIMS: Readonly<Record<string, readonly string[]>> = {
  quality: ["quality-does-not-follow-dice"],
  segmentation: ["relative-dice"],
  memorization: ["memorization"],
  rows: ["augmentation", "real-and-synthetic"],
  claims: [""],
};

/** The parts that a verdict can be asked for. */
export const VERDICT_PARTS: readonly string[] = [
  ...Object.keys(VERDICTS),
  ...GENERATOR_NAMES,
  ...Object.keys(CLAIMS),
  "subjects",
];

/**
 * What was checked in a part of the study.
 *
 * @throws InputError if there is no part of that name.
 */
export async function studyVerdict(study: Study, name: string): Promise<Table> {
  return new Table({
    id: `verdict-${name}`,
    caption: `What was checked. Everything here is of ${study.words.simulated ? "a simulated cohort" : study.words.cohort}.`,
    columns: [
      { label: "check" },
      { label: "study", align: "left" },
      { label: "here", align: "left" },
      { label: "verdict", align: "left" },
    ],
    rows: (await checksOf(study, name)).map(({ what, study: theirs, here, verdict }) => [
      what,
      theirs,
      here,
      verdict,
    ]),
  });
}

async function checksOf(study: Study, name: string): Promise<readonly Check[]> {
  if (Object.hasOwn(VERDICTS, name)) return VERDICTS[name as keyof typeof VERDICTS](study);
  const generator = GENERATOR_NAMES.find((known) => known === name);
  if (generator !== undefined) return images(study, generator);
  if (name === "subjects") return subjects(study);
  const beginnings = Object.hasOwn(CLAIMS, name) ? CLAIMS[name] : undefined;
  if (beginnings === undefined)
    throw new InputError(`verdict ${name}`, "is not known", `Choose one of ${VERDICT_PARTS.join(", ")}`);
  return claims(study, beginnings);
}

/** Subjects whose files are read again for the verdict on the cohort. */
const CHECKED_SUBJECTS = 3;

const NOT_PUBLISHED = "not published in the sources at hand";

function holds(condition: boolean): Check["verdict"] {
  return condition ? "holds" : "does not hold";
}

/** Draws and a small training step, twice from one seed. */
function environment(): readonly Check[] {
  const draw = () => tf.tidy(() => hashOf(Rng.fromSeed(7).normal<tf.Rank.R2>([64, 64])));
  const gradient = () =>
    tf.tidy(() => {
      const x = Rng.fromSeed(7).fork("x").normal<tf.Rank.R4>([4, 16, 16, 8]);
      const kernel = Rng.fromSeed(7).fork("k").normal<tf.Rank.R4>([3, 3, 8, 8]);
      return hashOf(
        tf.grad((k) =>
          tf
            .conv2d(x, k as tf.Tensor4D, 1, "same")
            .square()
            .mean(),
        )(kernel),
      );
    });
  const same = (compute: () => string) => holds(compute() === compute());
  return [
    {
      what: "the same seed draws the same numbers",
      study: "–",
      here: draw().slice(0, 12),
      verdict: same(draw),
    },
    {
      what: "a gradient computed twice has the same bytes",
      study: "–",
      here: gradient().slice(0, 12),
      verdict: same(gradient),
    },
  ];
}

function hashOf(tensor: tf.Tensor): string {
  const values = Float32Array.from(tensor.dataSync());
  return sha256(new Uint8Array(values.buffer));
}

async function cohort(study: Study): Promise<readonly Check[]> {
  const { test, train } = (await study.slices()).result;
  const overlap = test.subjects.filter((id) => train.subjects.includes(id));
  const perSubject = train.slices / train.subjects.length;
  const { folderName } = (await study.cohort()).result;
  const files = checkCohortFiles(cohortPath(study.context, folderName), CHECKED_SUBJECTS);
  const known = [0, 1, 2, 4];
  return [
    {
      what: `shape and affine of every volume (first ${files.subjects} subjects)`,
      study: "BraTS: 240 x 240 x 155, 1 mm",
      here: files.geometry ? "the same" : "differ",
      verdict: holds(files.geometry),
    },
    {
      what: `labels in the annotations (first ${files.subjects} subjects)`,
      study: "0, 1, 2, 4",
      here: files.labels.join(", "),
      verdict: holds(files.labels.every((label) => known.includes(label))),
    },
    {
      what: "no test subject has a slice in training",
      study: "split by subject",
      here: `${overlap.length} shared subjects`,
      verdict: holds(overlap.length === 0),
    },
    {
      what: "kept slices a training subject (15 % rule)",
      study: NOT_PUBLISHED,
      here: perSubject.toFixed(1),
      verdict: "not tested at this scale",
    },
  ];
}

/** Whether a generator's images are varied, and their tumours as frequent and as large as real ones. */
async function images(study: Study, generator: GeneratorName): Promise<readonly Check[]> {
  const { distinct, masks, tumours } = await imageFacts(study, generator);
  const { synthetic, real } = tumours;
  const ratio = synthetic.medianArea / real.medianArea;
  const percent = (share: number): string => (Number.isNaN(share) ? "none" : `${(100 * share).toFixed(1)} %`);
  const judged = (condition: boolean): Check["verdict"] =>
    study.profile.meaningful ? holds(condition) : "not tested at this scale";
  return [
    {
      what: "images that are no repeat of another one: at least 90 %",
      study: NOT_PUBLISHED,
      here: `${percent(distinct)} (real slices: 99.0 %)`,
      verdict: judged(distinct >= 0.9),
    },
    {
      what: `images with a tumour, synthetic against ${study.words.adjective}training slices: within 10 points`,
      study: NOT_PUBLISHED,
      here: `${percent(synthetic.share)} against ${percent(real.share)}`,
      verdict: judged(Math.abs(synthetic.share - real.share) < 0.1),
    },
    {
      what: "median tumour area of those, share of the image: within a third",
      study: NOT_PUBLISHED,
      here: `${percent(synthetic.medianArea)} against ${percent(real.medianArea)}`,
      verdict: judged(ratio > 0.75 && ratio < 1.33),
    },
    {
      what: "impossible masks: at most 5 %",
      study: NOT_PUBLISHED,
      here: percent(masks.impossible / masks.images),
      verdict: judged(masks.impossible <= 0.05 * masks.images),
    },
  ];
}

/** Whether the network that sees real slices alone gains from more subjects. */
async function subjects(study: Study): Promise<readonly Check[]> {
  const { results } = await currentResults(study);
  const counts = [...new Set(results.segmentation.map(({ cell }) => cell.subjects))].sort((a, b) => a - b);
  const row = { generator: null, real: true, augmentation: false };
  const means = counts
    .map((count) => ({ count, scores: rowScores(results, { segmenter: "unet", row, subjects: count }) }))
    .filter(({ scores }) => scores.records.length > 0);
  const [fewest, most] = [means[0], means.at(-1)];
  const several = means.length > 1 && study.profile.meaningful;
  return [
    {
      what: "mean Dice of the U-Net on real slices rises with the number of real subjects",
      study:
        "drawn against the number of subjects by the authors' code; values not published in the sources at hand",
      here: means.map(({ count, scores }) => `${scores.mean.mean.toFixed(2)} with ${count}`).join(", "),
      verdict: several
        ? holds((most?.scores.mean.mean ?? 0) > (fewest?.scores.mean.mean ?? 0))
        : "not tested at this scale",
    },
  ];
}

/** The claims of a part, with their first effect. */
async function claims(study: Study, beginnings: readonly string[]): Promise<readonly Check[]> {
  const { results } = await currentResults(study);
  return makeClaims(results)
    .filter(({ id }) => beginnings.some((beginning) => id.startsWith(beginning)))
    .map((claim) => ({
      what: claim.statement,
      study: claim.study,
      here: whyText(claim),
      verdict: verdictText(claim),
    }));
}
