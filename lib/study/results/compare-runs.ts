import { Table } from "../../figures/table";
import { InputError } from "../../errors";
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

/**
 * How far the profile `smoke` may lie from that of another machine. Even its short trainings amplify rounding: with
 * and without oneDNN's kernels, on one machine, the largest differences were 0.10, 0, 0.06, 0, 0.07, 0.17 and 0.21 in
 * this order. Allowed is about half as much again, and 0.05 for what did not differ.
 */
export const SMOKE_LIMITS: Readonly<Record<MeasureKind, number>> = {
  dice: 0.15,
  withoutTumour: 0.05,
  bestMatch: 0.1,
  memorized: 0.05,
  relativeFrechetDistance: 0.12,
  precision: 0.25,
  recall: 0.3,
};

/** The measures of one kind in both runs. */
export interface KindComparison {
  readonly kind: MeasureKind;
  readonly count: number;
  /** The largest difference, and where it is; 0 where none differs. */
  readonly largest: number;
  readonly name: string;
  /** What is allowed; null where nothing is stated for the profile. */
  readonly limit: number | null;
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
  const within =
    otherData.length === 0 &&
    unpaired.length === 0 &&
    kinds.every(({ largest, limit }) => limit === null || largest <= limit);
  return { kinds, otherData, unpaired, within };
}

function kindComparison(
  kind: MeasureKind,
  own: readonly RunMeasure[],
  before: ReadonlyMap<string, number>,
  profile: string,
): KindComparison {
  let [largest, at] = [0, ""];
  for (const measure of own) {
    const difference = KINDS[kind].difference(measure.value, before.get(idOf(measure)) ?? Number.NaN);
    if (difference > largest) [largest, at] = [difference, measure.name];
  }
  const limit = profile === "smoke" ? SMOKE_LIMITS[kind] : null;
  return { kind, count: own.length, largest, name: at, limit };
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
    caption: "Largest differences between two runs of the same study",
    columns: [
      { label: "what", align: "left" },
      { label: "compared", digits: 0 },
      { label: "largest difference", digits: 4 },
      { label: "allowed", digits: 2 },
      { label: "where", align: "left" },
    ],
    rows: kinds.map(({ kind, count, largest, limit, name }) => [
      KINDS[kind].title,
      count,
      largest,
      limit,
      name === "" ? null : name,
    ]),
  });
}
