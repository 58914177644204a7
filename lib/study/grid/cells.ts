import { GENERATOR_NAMES, type GeneratorName } from "../../generators/generator-config";

/** The networks that segment, in the order in which they are shown. */
export const SEGMENTERS = ["unet", "swin"] as const;
export type Segmenter = (typeof SEGMENTERS)[number];

/** One training of a generator. */
export interface GeneratorCell {
  /** Name of the run's cohort. */
  readonly cohort: string;
  readonly generator: GeneratorName;
  /** Training subjects: the first so many of the split's order. */
  readonly subjects: number;
  readonly seed: number;
}

/** What a segmentation network is trained on: a row of the study's tables. */
export interface TrainingRow {
  /** Whose samples it is trained on; null: on no synthetic slices, then on real ones. */
  readonly generator: GeneratorName | null;
  readonly real: boolean;
  readonly augmentation: boolean;
}

/** One training of a segmentation network. */
export interface SegmentationCell extends TrainingRow {
  readonly cohort: string;
  readonly segmenter: Segmenter;
  /** Training subjects of the real slices, and of the generator whose samples are used. */
  readonly subjects: number;
  readonly seed: number;
}

/** The order of a block of the study's tables: without synthetic slices, then the generators. */
export const ROW_GENERATORS = [
  null,
  "stylegan1",
  "stylegan2",
  "stylegan3",
  "progressive-gan",
  "diffusion",
] as const satisfies readonly (GeneratorName | null)[];

/**
 * The 22 rows of a table in the study's order: real slices with augmentation, real without, augmentation without
 * real, neither; the two rows without any slices do not exist.
 */
export function tableRows(): readonly TrainingRow[] {
  const blocks = [
    { real: true, augmentation: true },
    { real: true, augmentation: false },
    { real: false, augmentation: true },
    { real: false, augmentation: false },
  ];
  return blocks.flatMap((block) =>
    ROW_GENERATORS.map((generator) => ({ generator, ...block })).filter(hasSlices),
  );
}

/** Numbers of training subjects: "all" of the split's, or the first so many of them. */
export type TrainingSubjects = number | "all";

/** Trainings of generators: lists that are crossed. */
export interface GeneratorGrid {
  readonly generators: readonly GeneratorName[];
  readonly subjects: readonly TrainingSubjects[];
  readonly seeds: readonly number[];
}

/** Trainings of segmentation networks: lists that are crossed; what has no slices to train on drops out. */
export interface SegmentationGrid {
  readonly segmenters: readonly Segmenter[];
  readonly generators: readonly (GeneratorName | null)[];
  readonly real: readonly boolean[];
  readonly augmentation: readonly boolean[];
  readonly subjects: readonly TrainingSubjects[];
  readonly seeds: readonly number[];
}

/** Everything that a run trains; a cell that stands in several parts is trained once. */
export interface StudyGrid {
  /** Generators beside those whose samples the segmentation networks need. */
  readonly generators: readonly GeneratorGrid[];
  readonly segmentation: readonly SegmentationGrid[];
  /** Seed of the generators whose samples train segmentation networks: the study trained each generator once. */
  readonly generatorSeed: number;
}

/** Sizes of the training sets that the study used; those that a cohort does not have drop out. */
export const CURVE_SUBJECTS = [23, 46, 92, 184, 313, "all"] as const satisfies readonly TrainingSubjects[];

/** Seeds of the study's ten trainings of each row. */
export const STUDY_SEEDS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

/** All rows of both networks, ten trainings each; and Dice and memorization against the number of subjects. */
export const STUDY_GRID = {
  generators: [{ generators: GENERATOR_NAMES, subjects: CURVE_SUBJECTS, seeds: [0] }],
  segmentation: [
    {
      segmenters: SEGMENTERS,
      generators: ROW_GENERATORS,
      real: [true, false],
      augmentation: [true, false],
      subjects: ["all"],
      seeds: STUDY_SEEDS,
    },
    {
      segmenters: ["unet"],
      generators: ROW_GENERATORS,
      real: [true],
      augmentation: [false],
      subjects: CURVE_SUBJECTS,
      seeds: STUDY_SEEDS,
    },
  ],
  generatorSeed: 0,
} as const satisfies StudyGrid;

/** A cohort as far as its cells depend on it. */
export interface GridCohort {
  readonly cohort: string;
  /** Training subjects that its split has. */
  readonly trainingSubjects: number;
}

/** The trainings of segmentation networks that a grid has for a cohort, each once. */
export function segmentationCells(grid: StudyGrid, cohort: GridCohort): readonly SegmentationCell[] {
  return distinct(
    grid.segmentation.flatMap((part) => segmentationPart(part, cohort)),
    segmentationName,
  );
}

/** The trainings of generators that a grid has for a cohort, each once; those come first that others wait for. */
export function generatorCells(grid: StudyGrid, cohort: GridCohort): readonly GeneratorCell[] {
  const needed = segmentationCells(grid, cohort).flatMap((cell) => generatorOf(cell, grid) ?? []);
  const others = grid.generators.flatMap(({ generators, subjects, seeds }) =>
    generators.flatMap((generator) =>
      counts(subjects, cohort).flatMap((count) =>
        seeds.map((seed) => ({ cohort: cohort.cohort, generator, subjects: count, seed })),
      ),
    ),
  );
  return distinct([...needed, ...others], generatorName);
}

/** The generator whose samples a segmentation network is trained on. */
export function generatorOf(
  { cohort, generator, subjects }: SegmentationCell,
  { generatorSeed: seed }: Pick<StudyGrid, "generatorSeed">,
): GeneratorCell | undefined {
  return generator === null ? undefined : { cohort, generator, subjects, seed };
}

/** A cell's name, the same in every run: `stylegan2-n52-seed1`. */
export function generatorName({ generator, subjects, seed }: GeneratorCell): string {
  return `${generator}-n${subjects}-seed${seed}`;
}

/** A cell's name, the same in every run: `unet-real+stylegan2-augmented-n52-seed1`. */
export function segmentationName({ segmenter, subjects, seed, ...row }: SegmentationCell): string {
  return `${segmenter}-${rowName(row)}-n${subjects}-seed${seed}`;
}

/** What a row's networks are trained on: `real+stylegan2-augmented`. */
export function rowName({ generator, real, augmentation }: TrainingRow): string {
  const slices = [...(real ? ["real"] : []), ...(generator === null ? [] : [generator])].join("+");
  return augmentation ? `${slices}-augmented` : slices;
}

function segmentationPart(part: SegmentationGrid, cohort: GridCohort): SegmentationCell[] {
  const { segmenters, generators, real: sources, augmentation: switches, subjects, seeds } = part;
  const rows = sources.flatMap((real) =>
    switches.flatMap((augmentation) =>
      generators.map((generator) => ({ generator, real, augmentation })).filter(hasSlices),
    ),
  );
  return segmenters.flatMap((segmenter) =>
    counts(subjects, cohort).flatMap((count) =>
      rows.flatMap((row) =>
        seeds.map((seed) => ({ cohort: cohort.cohort, segmenter, ...row, subjects: count, seed })),
      ),
    ),
  );
}

function hasSlices({ generator, real }: TrainingRow): boolean {
  return generator !== null || real;
}

/** Numbers of subjects that the cohort has, each once. */
function counts(subjects: readonly TrainingSubjects[], { trainingSubjects }: GridCohort): readonly number[] {
  const known = subjects.map((count) => (count === "all" ? trainingSubjects : count));
  return [...new Set(known.filter((count) => count <= trainingSubjects))];
}

function distinct<T>(cells: readonly T[], nameOf: (cell: T) => string): readonly T[] {
  return [...new Map(cells.map((cell) => [nameOf(cell), cell])).values()];
}
