import { basename, join, resolve } from "node:path";
import { startBackend } from "../backend/start";
import { threadCount } from "../backend/threads";
import { requireCanonicalWeights } from "../features/canonical-weights";
import type { GeneratorName } from "../generators/generator-config";
import { cacheFolder } from "../storage/cache-folder";
import { makeFolder } from "../storage/make-folder";
import { PROJECT_ROOT } from "../storage/project-root";
import { firstSeedOf, withFirstSeed } from "./first-seed";
import { profileOf } from "./profiles";
import { SILENT, type ProgressListener } from "./progress";
import { provenance } from "./provenance";
import { openPublishedSamples } from "./published-samples";
import type { StudyContext } from "./stage";
import { Study } from "./study";
import { openUserCohort, withUserCohort } from "./user-cohort";

export interface StudyOptions {
  /** Default: `$SYNTHMR_PROFILE`, else "quick". */
  readonly profile?: string;
  /** Default: `$SYNTHMR_RUN`, else `runs/<profile>` of the project. */
  readonly runFolder?: string;
  /** A BraTS folder of the user's, in place of the simulated cohort. Default: `$SYNTHMR_DATA`. */
  readonly data?: string | undefined;
  /** Seed of the first training of each row, from which further ones count on. Default: `$SYNTHMR_SEED`, else the profile's. */
  readonly seed?: number | undefined;
  /** Whether pictures of its subjects may stand in figures and the report. Default: no. */
  readonly showPatients?: boolean;
  /** Folders of imported published images, in place of the images of some generators. */
  readonly images?: Readonly<Partial<Record<GeneratorName, string>>>;
  /** The file of weights that FID and Inception score are defined by; without it other networks measure. */
  readonly inception?: string;
  readonly progress?: ProgressListener;
  readonly signal?: AbortSignal;
}

/**
 * Opens a run of the study: starts the backend and makes the run folder. Nothing is computed yet.
 *
 * @throws InputError if the profile is unknown, a file given is another one, or the folder cannot be made.
 */
export async function openStudy(options: StudyOptions = {}): Promise<Study> {
  const named = profileOf(options.profile ?? process.env["SYNTHMR_PROFILE"] ?? "quick");
  const data = options.data ?? process.env["SYNTHMR_DATA"];
  const userCohort = data === undefined ? undefined : openUserCohort(data, options.showPatients ?? false);
  const own = userCohort === undefined ? named : withUserCohort(named);
  const seed = firstSeedOf(options.seed, process.env["SYNTHMR_SEED"]);
  const profile = seed === undefined ? own : withFirstSeed(own, seed);
  // Else the wrong file would show itself when the generators are trained.
  if (options.inception !== undefined) await requireCanonicalWeights(options.inception);
  const publishedSamples = openImages(options.images ?? {}, profile.size);
  const others = [userCohort?.path, ...Object.values(publishedSamples).map(({ folder }) => folder)];
  const runName = [profile.name, ...others.flatMap((path) => (path === undefined ? [] : basename(path)))];
  const runFolder = resolve(
    options.runFolder ?? process.env["SYNTHMR_RUN"] ?? join(PROJECT_ROOT, "runs", runName.join("-")),
  );
  makeFolder(runFolder);
  const backend = await startBackend();
  const context: StudyContext = {
    profile,
    runFolder,
    dataFolder: join(cacheFolder(), "cohorts"),
    workers: threadCount(),
    progress: options.progress ?? SILENT,
    publishedSamples,
    provenance: () => provenance(backend),
    ...(seed === undefined ? {} : { firstSeed: seed }),
    ...(options.inception === undefined ? {} : { inceptionWeights: resolve(options.inception) }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(userCohort === undefined ? {} : { userCohort }),
  };
  return new Study(context, backend);
}

function openImages(
  folders: NonNullable<StudyOptions["images"]>,
  size: number,
): NonNullable<StudyContext["publishedSamples"]> {
  return Object.fromEntries(
    Object.entries(folders).map(([generator, folder]) => [generator, openPublishedSamples(folder, size)]),
  );
}
