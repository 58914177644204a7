import { basename } from "node:path";
import { InputError } from "../errors";
import { makeFolder } from "../storage/make-folder";
import { listSubjects, type SubjectFiles } from "./brats-cohort";
import { completeFiles, scanCohort } from "./brats-files";
import { runDataTask } from "./data-pool";
import { writeListing } from "./prepared-folder";
import { ShardedSlices } from "./sharded-slices";
import { checkSize } from "./shrink-slices";
import type { SliceSet } from "./slice-set";
import { shardJob, type ShardSummary } from "./subject-shard";

/** What to prepare and where. */
export interface PrepareOptions {
  /** A BraTS folder. */
  readonly cohortFolder: string;
  /** H = W in pixels: 256 or a smaller power of two down to 8. */
  readonly size: number;
  /** Which subjects, in which order; none means all of the folder, by id. */
  readonly subjectIds: readonly string[];
  /** Where the shards stand, one `<id>-<size>.safetensors` a subject, and their list, `slices-<size>.json`. */
  readonly outFolder: string;
  /** Threads; 1 works in the calling thread. Each holds one subject at a time, about 200 MB. */
  readonly workers: number;
  /** Whether the cohort is simulated; carried along to every result. */
  readonly simulated: boolean;
  /** Stops between subjects; the shards that are done stay. */
  readonly signal?: AbortSignal;
  /** Called with the subjects that are ready, those of earlier runs included. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Prepares the slices of a cohort, subjects in parallel, and leaves them on the disk. What an earlier run has
 * prepared from the same files is verified and used; what is stale or damaged is made again.
 *
 * @throws InputError if a subject is unknown or broken, or the folder cannot be written.
 * @throws The reason of `signal` once it is aborted.
 */
export async function prepareShards(options: PrepareOptions): Promise<ShardedSlices> {
  const { size, outFolder, simulated, signal, workers } = options;
  checkSize(size);
  const subjects = chooseSubjects(options.cohortFolder, options.subjectIds);
  makeFolder(outFolder);
  const source = `${simulated ? "simulated " : ""}cohort ${basename(options.cohortFolder)}`;
  const jobs = subjects.map((files) => shardJob(files, { size, simulated, source, outFolder }));
  const summaries = new Map<number, ShardSummary>();
  const pool = { workers, ...(signal === undefined ? {} : { signal }) };
  await runDataTask("shard", jobs, pool, (summary, place) => {
    summaries.set(place, summary);
    options.onProgress?.(summaries.size, jobs.length);
  });
  writeListing(
    outFolder,
    jobs.flatMap((_, i) => summaries.get(i) ?? []),
    { size, simulated, source },
  );
  return ShardedSlices.open(jobs.map(({ path }) => path));
}

/** As prepareShards, with the slices in memory. @throws InputError if they do not fit there. */
export async function prepareSlices(options: PrepareOptions): Promise<SliceSet> {
  const slices = await prepareShards(options);
  try {
    return slices.load();
  } finally {
    slices.close();
  }
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
