import { availableParallelism } from "node:os";
import { basename, join, resolve } from "node:path";
import { Rng } from "../backend/rng";
import { startBackend, type BackendInfo } from "../backend/start";
import type { SliceSet } from "../data/slice-set";
import type { Figure } from "../figures/figure";
import type { Table } from "../figures/table";
import { InputError } from "../errors";
import { cacheFolder } from "../storage/cache-folder";
import { makeFolder } from "../storage/make-folder";
import { PROJECT_ROOT } from "../storage/project-root";
import { studyFigure, type FigureOptions } from "./figures";
import { profileOf, type Profile } from "./profiles";
import { SILENT, type ProgressListener } from "./progress";
import { provenance, type Provenance } from "./provenance";
import { openPublishedSamples, sampleWords, type SampleWords } from "./published-samples";
import type { StageResult, StudyContext } from "./stage";
import { cohortStage, type CohortResult } from "./stages/cohort";
import { diffusionStage, type DiffusionResult } from "./stages/diffusion";
import { memorizationStage, type MemorizationResult } from "./stages/memorization";
import { publishedSamplesStage, readSamples, samplesStage, type SamplesResult } from "./stages/samples";
import { segmentationStage, type SegmentationResult, type TrainingSource } from "./stages/segmentation";
import { readSplitSlices, slicesStage, type SlicesResult, type SplitSlices } from "./stages/slices";
import { studyTable } from "./tables";
import { cohortWords, openUserCohort, type CohortWords } from "./user-cohort";
import { studyVerdict } from "./verdicts";

export interface StudyOptions {
  /** Default: `$SYNTHMR_PROFILE`, else "quick". */
  readonly profile?: string;
  /** Default: `$SYNTHMR_RUN`, else `runs/<profile>` of the project. */
  readonly runFolder?: string;
  /** A BraTS folder of the user's, in place of the simulated cohort. */
  readonly data?: string;
  /** Whether pictures of its subjects may stand in figures and the report. Default: no. */
  readonly showPatients?: boolean;
  /** A folder of imported published images, in place of the samples of a generator of the run's own. */
  readonly images?: string;
  readonly progress?: ProgressListener;
  readonly signal?: AbortSignal;
}

/**
 * One run of the study. Each stage is computed when it is first asked for, unless its finished record is in
 * the run folder; asking again gives the same result.
 */
export class Study {
  readonly profile: Profile;
  private readonly memo = new Map<string, Promise<unknown>>();

  constructor(
    readonly context: StudyContext,
    readonly backend: BackendInfo,
  ) {
    this.profile = context.profile;
  }

  /** How to speak of the cohort. */
  get words(): CohortWords {
    return cohortWords(this.context);
  }

  /** How to speak of the synthetic slices. */
  get sampleWords(): SampleWords {
    return sampleWords(this.context);
  }

  /** What the run computes with. */
  provenance(): Provenance {
    return provenance(this.backend);
  }

  cohort(): Promise<StageResult<CohortResult>> {
    return this.once("cohort", () => cohortStage(this.context));
  }

  slices(): Promise<StageResult<SlicesResult>> {
    return this.once("slices", async () => slicesStage(this.context, await this.cohort()));
  }

  /** The slices themselves, by part of the split. */
  sliceSets(): Promise<SplitSlices> {
    return this.once("sliceSets", async () => readSplitSlices(await this.slices()));
  }

  /** @throws InputError if published images stand for the samples: such a run has no generator. */
  diffusion(): Promise<StageResult<DiffusionResult>> {
    if (this.context.publishedSamples !== undefined)
      return Promise.reject(
        new InputError("diffusion model", "is not part of a run on published images", "Run without --images"),
      );
    return this.once("diffusion", async () =>
      diffusionStage(this.context, await this.slices(), (await this.sliceSets()).train),
    );
  }

  samples(): Promise<StageResult<SamplesResult>> {
    const { publishedSamples } = this.context;
    return this.once("samples", async () =>
      publishedSamples === undefined
        ? samplesStage(this.context, await this.diffusion())
        : publishedSamplesStage(this.context, publishedSamples),
    );
  }

  /** The synthetic slices themselves. */
  sampleSet(): Promise<SliceSet> {
    return this.once("sampleSet", async () => readSamples(await this.samples()));
  }

  /** The U-Net trained on one kind of slices, tested on held-out subjects. */
  segmentation(source: TrainingSource): Promise<StageResult<SegmentationResult>> {
    return this.once(`segmentation-${source}`, async () => {
      const [slices, real] = [await this.slices(), await this.sliceSets()];
      if (source === "real") return segmentationStage(this.context, source, { slices }, { real });
      const samples = await this.samples();
      const synthetic = await this.sampleSet();
      return segmentationStage(this.context, source, { slices, samples }, { real, synthetic });
    });
  }

  memorization(): Promise<StageResult<MemorizationResult>> {
    return this.once("memorization", async () => {
      const inputs = { slices: await this.slices(), samples: await this.samples() };
      return memorizationStage(this.context, inputs, await this.sliceSets(), await this.sampleSet());
    });
  }

  /** Every stage in order, computed where it is missing. */
  async stageResults(): Promise<readonly StageResult<unknown>[]> {
    return [
      await this.cohort(),
      await this.slices(),
      ...(this.context.publishedSamples === undefined ? [await this.diffusion()] : []),
      await this.samples(),
      await this.segmentation("real"),
      await this.segmentation("synthetic"),
      await this.memorization(),
    ];
  }

  /** A table by name: environment, profile, cohort, split, diffusion, samples, dice, memorization. */
  table(name: string): Promise<Table> {
    return studyTable(this, name);
  }

  /**
   * A figure by name: montage, patient, diffusion-loss, segmentation-loss, dice, overlay, memorization,
   * memorization-pairs; of the data: preparation, levels, kept-slices, intensities, tumour-area, volumes.
   */
  figure(name: string, options: FigureOptions = {}): Promise<Figure> {
    return this.once(`figure-${name}-${JSON.stringify(options)}`, () => studyFigure(this, name, options));
  }

  /** What was checked of a part of the study and what came out: environment, cohort, samples, dice, memorization. */
  verdict(name: string): Promise<Table> {
    return studyVerdict(this, name);
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

/**
 * Opens a run of the study: starts the backend and makes the run folder. Nothing is computed yet.
 *
 * @throws InputError if the profile is unknown or the folder cannot be made.
 */
export async function openStudy(options: StudyOptions = {}): Promise<Study> {
  const named = profileOf(options.profile ?? process.env["SYNTHMR_PROFILE"] ?? "quick");
  const userCohort =
    options.data === undefined ? undefined : openUserCohort(options.data, options.showPatients ?? false);
  // The shipped generator was trained on another cohort.
  const profile = userCohort === undefined ? named : { ...named, generatorWeights: "trained" as const };
  const publishedSamples =
    options.images === undefined ? undefined : openPublishedSamples(options.images, profile.size);
  const others = [userCohort?.path, publishedSamples?.folder].flatMap((path) => path ?? []);
  const runName = [profile.name, ...others.map((path) => basename(path))].join("-");
  const runFolder = resolve(
    options.runFolder ?? process.env["SYNTHMR_RUN"] ?? join(PROJECT_ROOT, "runs", runName),
  );
  makeFolder(runFolder);
  const backend = await startBackend();
  const context: StudyContext = {
    profile,
    runFolder,
    dataFolder: join(cacheFolder(), "cohorts"),
    workers: availableParallelism(),
    rng: Rng.fromSeed(profile.seed).fork("study"),
    progress: options.progress ?? SILENT,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(userCohort === undefined ? {} : { userCohort }),
    ...(publishedSamples === undefined ? {} : { publishedSamples }),
  };
  return new Study(context, backend);
}
