import { join } from "node:path";
import type { BackendInfo } from "../backend/start";
import type { ShardedSlices } from "../data/sharded-slices";
import type { SliceSet } from "../data/slice-set";
import { MissingResult } from "../errors";
import type { Figure } from "../figures/figure";
import type { Table } from "../figures/table";
import type { GeneratorName } from "../generators/generator-config";
import { auditSummary, type AuditSummary } from "./audit/audit-summary";
import { collectResults } from "./collect/collect-results";
import { studyFigure, type FigureOptions } from "./figures";
import { firstSeed } from "./first-seed";
import type { GeneratorCell, SegmentationCell, Segmenter } from "./grid/cells";
import { StudyStages } from "./grid/study-stages";
import type { Profile } from "./profile";
import { provenance, type Provenance } from "./provenance";
import type { StudyResults } from "./results/study-results";
import { readFinished, runStage, type StageResult, type StudyContext } from "./stage";
import type { CohortResult } from "./stages/cohort";
import type { GeneratorResult } from "./stages/generator";
import type { ImageQualityResult } from "./stages/image-quality";
import type { MemorizationResult } from "./stages/memorization";
import { openSamples, type SamplesResult } from "./stages/samples";
import type { SegmentationResult } from "./stages/segmentation";
import { loaded, SliceStore, type SlicesResult, type SplitSlices } from "./stages/slices";
import type { VolumesResult } from "./stages/volumes";
import { missingReason, type Need, type StudyStage } from "./study-stage";
import { studyTable, studyTables } from "./tables";
import { cohortPath, cohortWords, type CohortWords } from "./user-cohort";
import { studyVerdict } from "./verdicts";

/** Which training of a generator is meant. */
export interface GeneratorChoice {
  /** Training subjects; default: all of the split's. */
  readonly subjects?: number;
  /** Default: that of the generators whose images train segmentation networks. */
  readonly seed?: number;
}

/** Which training of a segmentation network is meant; default: the U-Net on all real slices. */
export interface SegmentationChoice extends GeneratorChoice {
  /** Default: "unet". */
  readonly segmenter?: Segmenter;
  /** Whose images it is trained on; default: nobody's. */
  readonly generator?: GeneratorName | null;
  /** Whether it is trained on real slices; default: where no generator is named. */
  readonly real?: boolean;
  /** Default: no. */
  readonly augmentation?: boolean;
}

/**
 * One run of the study. Each stage is computed when it is first asked for, unless its finished record is in
 * the run folder; asking again gives the same result.
 */
export class Study {
  readonly profile: Profile;
  readonly stages: StudyStages;
  private readonly memo = new Map<string, Promise<unknown>>();

  constructor(
    readonly context: StudyContext,
    readonly backend: BackendInfo,
  ) {
    this.profile = context.profile;
    this.stages = new StudyStages(context);
  }

  /** How to speak of the cohort. */
  get words(): CohortWords {
    return cohortWords(this.context);
  }

  /** What the run computes with. */
  provenance(): Provenance {
    return provenance(this.backend);
  }

  cohort(): Promise<StageResult<CohortResult>> {
    return this.result(this.stages.cohort);
  }

  slices(): Promise<StageResult<SlicesResult>> {
    return this.result(this.stages.slices);
  }

  /** The slices themselves, by part of the split. */
  sliceSets(): Promise<SplitSlices> {
    return this.once("sliceSets", async () => {
      const store = new SliceStore(this.context, await this.slices());
      return { train: store.load("train"), validation: store.load("validation"), test: store.load("test") };
    });
  }

  /** Voxels of each class in each subject. */
  volumes(): Promise<StageResult<VolumesResult>> {
    return this.result(this.stages.volumes);
  }

  /** How near the first subjects of the cohort are to BraTS; what is measured is kept in the run folder. */
  async audit(subjects: number): Promise<AuditSummary> {
    const { context, words } = this;
    const { folderName } = (await this.cohort()).result;
    return auditSummary({
      folder: cohortPath(context, folderName),
      outFolder: join(context.runFolder, "audit"),
      simulated: words.simulated,
      workers: context.workers,
      progress: context.progress,
      subjects,
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    });
  }

  /** A generator, trained in the run or taken from the project. @throws InputError if published images stand for it. */
  generator(name: GeneratorName, choice: GeneratorChoice = {}): Promise<StageResult<GeneratorResult>> {
    return this.result(this.stages.generator(this.generatorCell(name, choice)));
  }

  /** The images of a generator. */
  samples(name: GeneratorName, choice: GeneratorChoice = {}): Promise<StageResult<SamplesResult>> {
    return this.result(this.stages.samples(this.generatorCell(name, choice)));
  }

  /** The images themselves, left on the disk. */
  async openSamples(name: GeneratorName, choice: GeneratorChoice = {}): Promise<ShardedSlices> {
    return openSamples(await this.samples(name, choice));
  }

  /** The images themselves, in memory. */
  async sampleSet(name: GeneratorName, choice: GeneratorChoice = {}): Promise<SliceSet> {
    return loaded(await this.openSamples(name, choice));
  }

  /** A segmentation network, trained and tested on the held-out subjects: `{ generator: "stylegan2", real: true }`. */
  segmentation(choice: SegmentationChoice = {}): Promise<StageResult<SegmentationResult>> {
    return this.result(this.stages.segmentation(this.segmentationCell(choice)));
  }

  /** How a generator's images compare with real training slices. */
  imageQuality(name: GeneratorName, choice: GeneratorChoice = {}): Promise<StageResult<ImageQualityResult>> {
    return this.result(this.stages.imageQuality(this.generatorCell(name, choice)));
  }

  /** How near a generator's images are to the slices that it was trained on. */
  memorization(name: GeneratorName, choice: GeneratorChoice = {}): Promise<StageResult<MemorizationResult>> {
    return this.result(this.stages.memorization(this.generatorCell(name, choice)));
  }

  /** The records of the run's stages that are finished, in the order of the run. */
  finished(): readonly StageResult<unknown>[] {
    return this.stages.all().flatMap((stage) => readFinished(this.context, stage) ?? []);
  }

  /** Whether a generator can be had: trained here, or with weights that come with the project. */
  available(name: GeneratorName, choice: GeneratorChoice = {}): boolean {
    return missingReason(this.stages.samples(this.generatorCell(name, choice))) === undefined;
  }

  /** Everything that is finished, as tables, figures, claims and the report take it; written to `results`, too. */
  async results(): Promise<StudyResults> {
    return (await collectResults(this)).results;
  }

  /** A table by name. */
  table(name: string): Promise<Table> {
    return studyTable(this, name);
  }

  /** Every table of what was found whose name begins so: "image-quality". */
  tables(beginning: string): Promise<readonly Table[]> {
    return studyTables(this, beginning);
  }

  /** Trains and tests the segmentation networks of the profile that a choice fits; those without their weights are left out. */
  async trainSegmenters(choice: Partial<SegmentationCell> = {}): Promise<void> {
    const cells = this.stages.segmentationCells().filter((cell) => fits(cell, choice));
    await this.compute(cells.map((cell) => this.stages.segmentation(cell)));
  }

  /** Measures the images of every generator of the profile that can be had. */
  async measureQuality(): Promise<void> {
    await this.compute(this.stages.generatorCells().map((cell) => this.stages.imageQuality(cell)));
  }

  /** Compares the images of every generator of the profile that can be had with its training slices. */
  async measureMemorization(): Promise<void> {
    const cells = this.stages.generatorCells();
    await this.compute(cells.map((cell) => this.stages.memorization(cell)));
    await this.compute(cells.map((cell) => this.stages.copies(cell)));
  }

  private async compute(stages: readonly StudyStage<unknown>[]): Promise<void> {
    for (const stage of stages) if (missingReason(stage) === undefined) await this.result(stage);
  }

  /** A figure by name. */
  figure(name: string, options: FigureOptions = {}): Promise<Figure> {
    return studyFigure(this, name, options);
  }

  /** What was checked of a part of the study and what came out. */
  verdict(name: string): Promise<Table> {
    return studyVerdict(this, name);
  }

  /**
   * The result of a stage, computed with all that it starts from unless its record is there.
   *
   * @throws MissingResult if it cannot run: weights do not come with the project, a file is not there.
   */
  result<R>(stage: StudyStage<R>): Promise<StageResult<R>> {
    return this.once(stage.key, async () => {
      const reason = missingReason(stage);
      if (reason !== undefined) throw new MissingResult(stage.name, reason);
      const results = new Map<string, StageResult<unknown>>();
      for (const input of Object.values(stage.inputs)) results.set(input.key, await this.result(input));
      const need: Need = <T>({ name, key }: StudyStage<T>) => {
        const found = results.get(key);
        if (found === undefined) throw new Error(`${stage.name} does not name ${name} among its inputs`);
        return found as StageResult<T>;
      };
      return runStage(this.context, { ...stage, run: (folder, report) => stage.run(folder, report, need) });
    });
  }

  private generatorCell(generator: GeneratorName, { subjects, seed }: GeneratorChoice): GeneratorCell {
    const { cohort, trainingSubjects } = this.stages.grid;
    const { generatorSeed } = this.profile.grid;
    return { cohort, generator, subjects: subjects ?? trainingSubjects, seed: seed ?? generatorSeed };
  }

  private segmentationCell(choice: SegmentationChoice): SegmentationCell {
    const { segmenter = "unet", generator = null, real = generator === null, augmentation = false } = choice;
    const { cohort, trainingSubjects } = this.stages.grid;
    const { subjects = trainingSubjects, seed = firstSeed(this.profile.grid) } = choice;
    return { cohort, segmenter, generator, real, augmentation, subjects, seed };
  }

  /** One computation a name; a failed one is tried again when asked again. */
  private once<T>(name: string, compute: () => Promise<T>): Promise<T> {
    const known = this.memo.get(name) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const running = compute();
    this.memo.set(name, running);
    running.catch(() => this.memo.delete(name));
    return running;
  }
}

/** Whether a cell has every property that a choice names. */
function fits<T extends object>(cell: T, choice: Partial<T>): boolean {
  return Object.entries(choice).every(([name, value]) => cell[name as keyof T] === value);
}
