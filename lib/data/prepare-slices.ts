import { basename } from "node:path";
import { InputError } from "../errors";
import { listSubjects, type SubjectFiles } from "./brats-cohort";
import { completeFiles, scanCohort } from "./brats-files";
import { makeFolder } from "../storage/make-folder";
import { makeShardsInParallel } from "./shard-pool";
import { checkSize } from "./shrink-slices";
import { concatSlices, type SliceSet } from "./slice-set";
import { readShard, shardJob } from "./subject-shard";

/** What to prepare and where. */
export interface PrepareOptions {
  /** A BraTS folder. */
  readonly cohortFolder: string;
  /** H = W in pixels: 256 or a smaller power of two down to 8. */
  readonly size: number;
  /** Which subjects, in which order; none means all of the folder, by id. */
  readonly subjectIds: readonly string[];
  /** Where the shards stand, one `<id>-<size>.safetensors` a subject. */
  readonly outFolder: string;
  /** Threads; 1 works in the calling thread. */
  readonly workers: number;
  /** Whether the cohort is simulated; carried along to every result. */
  readonly simulated: boolean;
  /** Stops between subjects; the shards that are done stay. */
  readonly signal?: AbortSignal;
  /** Called with the subjects that are ready, those of earlier runs included. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Prepares the slices of a cohort, subjects in parallel, and gives them as one set. What an earlier run has
 * prepared from the same files is verified and used; what is stale or damaged is made again.
 *
 * @throws InputError if a subject is unknown or broken, or the folder cannot be written.
 * @throws The reason of `signal` once it is aborted.
 */
export async function prepareSlices(options: PrepareOptions): Promise<SliceSet> {
  const { size, outFolder, simulated, signal } = options;
  checkSize(size);
  const subjects = chooseSubjects(options.cohortFolder, options.subjectIds);
  makeFolder(outFolder);
  const source = `${simulated ? "simulated " : ""}cohort ${basename(options.cohortFolder)}`;
  const jobs = subjects.map((files) => shardJob(files, { size, simulated, source, outFolder }));

  // Use what is there.
  const sets = new Map<string, SliceSet>();
  for (const job of jobs) {
    signal?.throwIfAborted();
    const set = readShard(job);
    if (set === undefined) continue;
    sets.set(job.path, set);
    options.onProgress?.(sets.size, jobs.length);
  }

  // Make the rest.
  const missing = jobs.filter(({ path }) => !sets.has(path));
  await makeShardsInParallel(missing, options.workers, signal, (job) => {
    const set = readShard(job);
    if (set === undefined) throw new InputError(job.path, "cannot be read back as it was written");
    sets.set(job.path, set);
    options.onProgress?.(sets.size, jobs.length);
  });
  return concatSlices(jobs.flatMap(({ path }) => sets.get(path) ?? []));
}

function chooseSubjects(folder: string, ids: readonly string[]): readonly SubjectFiles[] {
  if (ids.length === 0) return listSubjects(folder);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) throw new InputError(`subject ${twice}`, "is asked for twice");
  const scans = new Map(scanCohort(folder).map((scan) => [scan.id, scan]));
  return ids.map((id) => {
    const scan = scans.get(id);
    if (scan === undefined) throw new InputError(folder, `holds no subject ${id}`);
    return completeFiles(scan);
  });
}
