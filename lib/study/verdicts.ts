import { InputError } from "../errors";
import { Table, type Cell } from "../figures/table";
import { quantileOfSorted } from "../metrics/quantile";
import { Rng } from "../backend/rng";
import * as tf from "../backend/tf";
import { checkCohortFiles } from "./cohort-checks";
import { tumourPixels } from "../data/batches";
import { sha256 } from "../storage/content-hash";
import { diceScores } from "./scores";
import type { Study } from "./study";
import { cohortPath } from "./user-cohort";

/** One thing that was checked: what the study has, what was found here, and what follows. */
interface Check {
  readonly what: string;
  readonly study: string;
  readonly here: Cell;
  readonly verdict:
    "holds" | "does not hold" | "reproduced" | "in part" | "not reproduced" | "not tested at this scale";
}

const VERDICTS = {
  environment,
  cohort,
  samples,
  dice,
  memorization,
} as const;

/**
 * What was checked in a part of the study.
 *
 * @throws InputError if there is no part of that name.
 */
export async function studyVerdict(study: Study, name: string): Promise<Table> {
  if (!Object.hasOwn(VERDICTS, name))
    throw new InputError(
      `verdict ${name}`,
      "is not known",
      `Choose one of ${Object.keys(VERDICTS).join(", ")}`,
    );
  const checks = await VERDICTS[name as keyof typeof VERDICTS](study);
  return new Table({
    id: `verdict-${name}`,
    caption: `What was checked. Everything here is of ${study.words.simulated ? "a simulated cohort" : study.words.cohort}${study.context.publishedSamples === undefined ? "" : `; the ${study.sampleWords.slices} apart`}.`,
    columns: [{ label: "check" }, { label: "study" }, { label: "here" }, { label: "verdict" }],
    rows: checks.map(({ what, study: theirs, here, verdict }) => [what, theirs, here, verdict]),
  });
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

async function samples(study: Study): Promise<readonly Check[]> {
  const set = await study.sampleSet();
  const { train } = await study.sliceSets();
  const areas = (of: typeof set) =>
    Array.from({ length: of.count }, (_, n) => tumourPixels(of, n)).filter((pixels) => pixels > 0);
  const median = (of: typeof set) =>
    quantileOfSorted(Float64Array.from(areas(of)).sort(), 0.5) / of.size ** 2;
  const share = (of: typeof set) => areas(of).length / of.count;
  const percent = (value: number) => (Number.isNaN(value) ? "none" : `${(100 * value).toFixed(1)} %`);
  const ratio = median(set) / median(train);
  return [
    {
      what: `slices with a tumour, synthetic against ${study.words.adjective}training slices`,
      study: NOT_PUBLISHED,
      here: `${percent(share(set))} against ${percent(share(train))}`,
      verdict: holds(Math.abs(share(set) - share(train)) < 0.1),
    },
    {
      what: "median tumour area of those, share of the image",
      study: NOT_PUBLISHED,
      here: `${percent(median(set))} against ${percent(median(train))}`,
      verdict: holds(ratio > 0.75 && ratio < 1.33),
    },
  ];
}

async function dice(study: Study): Promise<readonly Check[]> {
  const [, { relative }] = await diceScores(study);
  return [
    {
      what: `Dice of synthetic-trained over real-trained network (${study.words.adjective}test subjects)`,
      study: "0.80 to 0.90",
      here: relative,
      verdict: study.profile.meaningful ? judgeRelativeDice(relative) : "not tested at this scale",
    },
  ];
}

/** The study's range against an interval: reproduced where the estimate reaches it, in part where the interval does. */
function judgeRelativeDice({
  estimate,
  high,
}: {
  readonly estimate: number;
  readonly high: number;
}): Check["verdict"] {
  if (estimate >= 0.8) return "reproduced";
  return high >= 0.8 ? "in part" : "not reproduced";
}

async function memorization(study: Study): Promise<readonly Check[]> {
  const { summaries } = (await study.memorization()).result;
  return summaries.map(({ extent, shareAbove }) => ({
    what: `synthetic slices nearer to a training slice than 99 % of held-out slices (${extent === "image" ? "whole image" : "within the brain"})`,
    study: NOT_PUBLISHED,
    here: `${(100 * shareAbove).toFixed(1)} %; 1 % where nothing is memorized`,
    verdict: study.profile.meaningful ? holds(shareAbove <= 0.02) : "not tested at this scale",
  }));
}
