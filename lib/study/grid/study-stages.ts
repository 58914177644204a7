import { basename } from "node:path";
import { fittingSplit } from "../../data/published-split";
import { subjectId } from "../../data/simulation/cohort-recipe";
import { InputError } from "../../errors";
import type { GeneratorName } from "../../generators/generator-config";
import { firstSeed } from "../first-seed";
import type { StudyContext } from "../stage";
import { cohortStage, type CohortResult } from "../stages/cohort";
import { generatorStage, type GeneratorResult } from "../stages/generator";
import { copiesStage, type CopiesResult } from "../stages/copies";
import { copiesReferenceStage, type CopiesReferenceResult } from "../stages/copies-reference";
import { imageQualityStage, type ImageQualityResult } from "../stages/image-quality";
import { memorizationStage, type MemorizationResult } from "../stages/memorization";
import {
  memorizationReferenceStage,
  type MemorizationReferenceResult,
} from "../stages/memorization-reference";
import { realFeaturesStage, type RealFeaturesResult } from "../stages/real-features";
import { publishedSamplesStage, samplesStage, type SamplesResult } from "../stages/samples";
import { segmentationStage, type SegmentationResult } from "../stages/segmentation";
import { slicesStage, splitOf, type SlicesResult } from "../stages/slices";
import { volumesStage, type VolumesResult } from "../stages/volumes";
import { withInputs, type StudyStage } from "../study-stage";
import { usableSubjects } from "../user-cohort";
import {
  generatorCells,
  generatorName,
  generatorOf,
  segmentationCells,
  segmentationName,
  type GeneratorCell,
  type GridCohort,
  type SegmentationCell,
} from "./cells";

/** Every stage of a run by its cell. Nothing runs here: what a stage does and its key follow from the profile. */
export class StudyStages {
  readonly cohort: StudyStage<CohortResult>;
  readonly slices: StudyStage<SlicesResult>;
  readonly volumes: StudyStage<VolumesResult>;
  readonly grid: GridCohort;
  private readonly memo = new Map<string, unknown>();

  constructor(private readonly context: StudyContext) {
    const { ids, cohort } = cohortOf(context);
    this.grid = { cohort, trainingSubjects: splitOf(context, ids).split.train.length };
    this.cohort = cohortStage(context);
    this.slices = slicesStage(context, this.cohort, ids.length);
    this.volumes = volumesStage(context, this.cohort, ids.length);
  }

  /** Trainings of generators that the profile runs. */
  generatorCells(): readonly GeneratorCell[] {
    const { publishedSamples } = this.context;
    const { trainingSubjects } = this.grid;
    // Published images are of one training set, the whole one.
    return generatorCells(this.context.profile.grid, this.grid).filter(
      ({ generator, subjects }) =>
        publishedSamples?.[generator] === undefined || subjects === trainingSubjects,
    );
  }

  /** Trainings of segmentation networks that the profile runs. */
  segmentationCells(): readonly SegmentationCell[] {
    return segmentationCells(this.context.profile.grid, this.grid);
  }

  /** @throws InputError if published images stand for the generator's. */
  generator(cell: GeneratorCell): StudyStage<GeneratorResult> {
    if (this.isPublished(cell.generator))
      throw new InputError(cell.generator, "is not trained in a run on its published images");
    return this.once(`generator-${generatorName(cell)}`, () =>
      generatorStage(this.context, cell, this.slices, this.grid.trainingSubjects),
    );
  }

  samples(cell: GeneratorCell): StudyStage<SamplesResult> {
    return this.once(`samples-${generatorName(cell)}`, () => {
      const published = this.context.publishedSamples?.[cell.generator];
      return published === undefined
        ? samplesStage(this.context, cell, this.generator(cell))
        : publishedSamplesStage(this.context, cell, published);
    });
  }

  segmentation(cell: SegmentationCell): StudyStage<SegmentationResult> {
    return this.once(segmentationName(cell), () => {
      const generator = generatorOf(cell, this.context.profile.grid);
      const samples = generator === undefined ? undefined : this.samples(generator);
      return segmentationStage(this.context, cell, this.slices, samples);
    });
  }

  realFeatures(): StudyStage<RealFeaturesResult> {
    return this.once("real-features", () =>
      realFeaturesStage(this.context, this.slices, this.segmentation(this.encoderCell())),
    );
  }

  imageQuality(cell: GeneratorCell): StudyStage<ImageQualityResult> {
    return this.once(`quality-${generatorName(cell)}`, () => {
      const encoder = this.segmentation(this.encoderCell());
      return imageQualityStage(this.context, cell, {
        real: this.realFeatures(),
        encoder,
        samples: this.samples(cell),
      });
    });
  }

  memorization(cell: GeneratorCell): StudyStage<MemorizationResult> {
    return this.once(`memorization-${generatorName(cell)}`, () =>
      memorizationStage(this.context, cell, {
        slices: this.slices,
        samples: this.samples(cell),
        reference: this.memorizationReference(cell.subjects),
      }),
    );
  }

  copies(cell: GeneratorCell): StudyStage<CopiesResult> {
    return this.once(`copies-${generatorName(cell)}`, () =>
      copiesStage(this.context, cell, {
        slices: this.slices,
        samples: this.samples(cell),
        encoder: this.segmentation(this.encoderCell()),
        reference: this.copiesReference(cell.subjects),
      }),
    );
  }

  private memorizationReference(subjects: number): StudyStage<MemorizationReferenceResult> {
    return this.once(`reference-memorization-${subjects}`, () =>
      memorizationReferenceStage(this.context, subjects, this.slices),
    );
  }

  private copiesReference(subjects: number): StudyStage<CopiesReferenceResult> {
    return this.once(`reference-copies-${subjects}`, () =>
      copiesReferenceStage(this.context, subjects, {
        slices: this.slices,
        encoder: this.segmentation(this.encoderCell()),
      }),
    );
  }

  /** The stages of some cells with all that they start from, in the order in which they may run. */
  of(
    generators: readonly GeneratorCell[],
    segmentation: readonly SegmentationCell[],
  ): readonly StudyStage<unknown>[] {
    const drawn = generators.filter(({ generator }) => !this.isPublished(generator));
    return withInputs([
      this.cohort,
      this.slices,
      // The longest first: others wait for them.
      ...drawn.map((cell) => this.generator(cell)),
      ...generators.map((cell) => this.samples(cell)),
      ...segmentation.map((cell) => this.segmentation(cell)),
      ...generators.map((cell) => this.imageQuality(cell)),
      ...generators.map((cell) => this.memorization(cell)),
      ...generators.map((cell) => this.copies(cell)),
    ]);
  }

  /** Every stage of the run. */
  all(): readonly StudyStage<unknown>[] {
    return withInputs([...this.of(this.generatorCells(), this.segmentationCells()), this.volumes]);
  }

  /** The U-Net on all real slices, whose encoder is one of the networks that image quality is measured in. */
  private encoderCell(): SegmentationCell {
    const { cohort, trainingSubjects: subjects } = this.grid;
    const seed = firstSeed(this.context.profile.grid);
    return { cohort, segmenter: "unet", generator: null, real: true, augmentation: false, subjects, seed };
  }

  private isPublished(generator: GeneratorName): boolean {
    return this.context.publishedSamples?.[generator] !== undefined;
  }

  private once<T>(name: string, make: () => T): T {
    if (!this.memo.has(name)) this.memo.set(name, make());
    return this.memo.get(name) as T;
  }
}

/** The cohort's name and its subjects, known before anything of it is made or read. */
function cohortOf({ profile, userCohort }: StudyContext): {
  readonly cohort: string;
  readonly ids: readonly string[];
} {
  if (userCohort === undefined) {
    const { subjects } = profile.cohort.recipe;
    return { cohort: "simulated", ids: Array.from({ length: subjects }, (_, i) => subjectId(i + 1)) };
  }
  const ids = usableSubjects(userCohort.path).subjects.map(({ id }) => id);
  return { cohort: fittingSplit(ids)?.name ?? basename(userCohort.path), ids };
}
