import { Table } from "../../figures/table";
import { InputError } from "../../errors";
import { meanOfNumbers } from "../../metrics/subject-scores";
import { MEASURE_KINDS, type MeasureKind, type RunMeasure, type RunMeasures } from "./run-measures";

interface Kind {
  readonly title: string;
  /** How far a value lies from another of the same name. */
  difference(a: number, b: number): number;
}

const apart = (a: number, b: number): number => Math.abs(a - b);

const KINDS: Readonly<Record<MeasureKind, Kind>> = {
  dice: { title: "Dice of a class, mean over test subjects", difference: apart },
  withoutTumour: { title: "share of images without tumour", difference: apart },
  bestMatch: { title: "median best correlation with a training slice", difference: apart },
  memorized: { title: "share above the 99th percentile of held-out slices", difference: apart },
  relativeFrechetDistance: {
    title: "Fréchet distance in features, as a ratio",
    difference: (a, b) => (a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b))),
  },
  precision: { title: "precision in features", difference: apart },
  recall: { title: "recall in features", difference: apart },
};

/** How far two runs may lie apart: all values of a kind on average, and any one of them. */
export interface DifferenceLimit {
  readonly mean: number;
  readonly largest: number;
}

/**
 * What is allowed for the profile `smoke` on another machine, whose trainings amplify rounding. Measured between a
 * machine that trains in bfloat16 (Zen 4) and one in float32 (AVX2): means 0.008, 0, 0.024, 0, 0.09, 0.19 and 0.15 in
 * this order, largest 0.17, 0, 0.11, 0, 0.18, 0.54 and 0.33; less between two sets of kernels on one machine. Allowed
 * is about half as much again, and 0.05 for what did not differ. Precision and recall are of 24 images only.
 */
export const SMOKE_LIMITS: Readonly<Record<MeasureKind, DifferenceLimit>> = {
  dice: { mean: 0.015, largest: 0.25 },
  withoutTumour: { mean: 0.05, largest: 0.05 },
  bestMatch: { mean: 0.04, largest: 0.16 },
  memorized: { mean: 0.05, largest: 0.05 },
  relativeFrechetDistance: { mean: 0.14, largest: 0.27 },
  precision: { mean: 0.3, largest: 0.8 },
  recall: { mean: 0.25, largest: 0.5 },
};

/** The measures of one kind in both runs. */
export interface KindComparison {
  readonly kind: MeasureKind;
  readonly count: number;
  /** The mean of the differences between values that both runs have. */
  readonly mean: number;
  /** The largest difference, and where it is; 0 where none differs. */
  readonly largest: number;
  readonly name: string;
  /** What is allowed; null where nothing is stated for the profile. */
  readonly limit: DifferenceLimit | null;
}

export interface RunComparison {
  readonly kinds: readonly KindComparison[];
  /** Hashes that differ, by name: the runs saw other data. */
  readonly otherData: readonly string[];
  /** Measures that only one of the runs has, or that are defined in only one. */
  readonly unpaired: readonly string[];
  /** Whether all is within what is stated. */
  readonly within: boolean;
}

/**
 * Holds the numbers of a run against those of another run of the same study, on another machine or in another
 * state of the program.
 *
 * @throws InputError if the runs are not of the same profile, size and seed.
 */
export function compareRuns(run: RunMeasures, other: RunMeasures): RunComparison {
  for (const field of ["name", "size", "seed"] as const)
    if (run.profile[field] !== other.profile[field])
      throw new InputError(
        `profile: ${field}`,
        `is ${run.profile[field]} in one run and ${other.profile[field]} in the other`,
        "Compare two runs of the same study",
      );
  const before = new Map(other.measures.map((measure) => [idOf(measure), measure.value]));
  const paired = run.measures.filter((measure) => before.has(idOf(measure)));
  const kinds = MEASURE_KINDS.flatMap((kind) => {
    const own = paired.filter((measure) => measure.kind === kind);
    return own.length === 0 ? [] : [kindComparison(kind, own, before, run.profile.name)];
  });
  const otherData = run.hashes
    .filter(({ name, sha256 }) => other.hashes.find((hash) => hash.name === name)?.sha256 !== sha256)
    .map(({ name }) => name);
  const unpaired = unpairedNames(run.measures, other.measures);
  const within = otherData.length === 0 && unpaired.length === 0 && kinds.every(isWithin);
  return { kinds, otherData, unpaired, within };
}

function isWithin({ mean, largest, limit }: KindComparison): boolean {
  return limit === null || (largest <= limit.largest && !(mean > limit.mean));
}

function kindComparison(
  kind: MeasureKind,
  own: readonly RunMeasure[],
  before: ReadonlyMap<string, number>,
  profile: string,
): KindComparison {
  let [largest, at] = [0, ""];
  const differences = own.map((measure) => {
    const difference = KINDS[kind].difference(measure.value, before.get(idOf(measure)) ?? Number.NaN);
    if (difference > largest) [largest, at] = [difference, measure.name];
    return difference;
  });
  const mean = meanOfNumbers(differences);
  const limit = profile === "smoke" ? SMOKE_LIMITS[kind] : null;
  return { kind, count: own.length, mean, largest, name: at, limit };
}

/** Those of one run alone, and those that are NaN in one of them. */
function unpairedNames(a: readonly RunMeasure[], b: readonly RunMeasure[]): readonly string[] {
  const defined = (measures: readonly RunMeasure[]): Map<string, boolean> =>
    new Map(measures.map((measure) => [idOf(measure), !Number.isNaN(measure.value)]));
  const [own, other] = [defined(a), defined(b)];
  return [...new Set([...own.keys(), ...other.keys()])].filter((id) => own.get(id) !== other.get(id)).sort();
}

function idOf({ kind, name }: RunMeasure): string {
  return `${kind} ${name}`;
}

/** The comparison as a table, a row a kind. */
export function comparisonTable({ kinds }: RunComparison): Table {
  return new Table({
    id: "run-comparison",
    caption: "Differences between two runs of the same study",
    columns: [
      { label: "what", align: "left" },
      { label: "compared", digits: 0 },
      { label: "mean difference", digits: 4 },
      { label: "allowed", digits: 3 },
      { label: "largest", digits: 4 },
      { label: "allowed", digits: 2 },
      { label: "where", align: "left" },
    ],
    rows: kinds.map(({ kind, count, mean, largest, limit, name }) => [
      KINDS[kind].title,
      count,
      mean,
      limit === null ? null : limit.mean,
      largest,
      limit === null ? null : limit.largest,
      name === "" ? null : name,
    ]),
  });
}
