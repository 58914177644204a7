import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { explainFileError } from "../../errors";
import { writeFileAtomic } from "../../storage/atomic-write";
import { contentHash } from "../../storage/content-hash";
import { runDataTask } from "../data-pool";
import { pathsOf, type AuditFiles } from "./file-layout";
import { MEASURES_VERSION, subjectMeasuresSchema, type SubjectMeasures } from "./subject-measures";

export interface MeasureOptions {
  readonly subjects: readonly AuditFiles[];
  /** Where the measures of each subject are kept, one file each. */
  readonly folder: string;
  /** Threads. */
  readonly workers: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

const storedSchema = z.object({ key: z.string(), measures: subjectMeasuresSchema });

/**
 * Measures every subject in worker threads. What an earlier call has measured of the same files is used.
 *
 * @returns In the order of the subjects.
 * @throws InputError naming the file that cannot be read.
 * @throws The reason of `signal` once it is aborted; what is measured stays.
 */
export async function measureCohort(options: MeasureOptions): Promise<readonly SubjectMeasures[]> {
  const { subjects, folder, onProgress } = options;
  const jobs = subjects.map((files) => ({
    files,
    path: join(folder, `${files.id}.json`),
    key: keyOf(files),
  }));
  const known = new Map<string, SubjectMeasures>();
  for (const job of jobs) {
    const measures = readStored(job.path, job.key);
    if (measures !== undefined) known.set(job.files.id, measures);
  }
  onProgress?.(known.size, jobs.length);
  const missing = jobs.filter(({ files }) => !known.has(files.id));
  const inputs = missing.map(({ files }) => files);
  await runDataTask("measure", inputs, options, (measures, place) => {
    const job = missing[place];
    if (job === undefined) return;
    writeFileAtomic(job.path, `${JSON.stringify({ key: job.key, measures })}\n`);
    known.set(job.files.id, measures);
    onProgress?.(known.size, jobs.length);
  });
  return jobs.flatMap(({ files }) => known.get(files.id) ?? []);
}

/** Names the files by their sizes and times of change: hashing a large cohort takes minutes. */
function keyOf(files: AuditFiles): string {
  const inputs = pathsOf(files).map((path) => {
    try {
      const { size, mtimeMs } = statSync(path);
      return [basename(path), size, mtimeMs];
    } catch (error) {
      throw explainFileError(path, error);
    }
  });
  const convention = "brats" in files ? (files.brats.labels ?? "brats") : files.named.convention;
  return contentHash([MEASURES_VERSION, files.id, convention, inputs]);
}

/** @returns undefined where there are none, they are of other files or cannot be read. */
function readStored(path: string, key: string): SubjectMeasures | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const stored = storedSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
    return stored.success && stored.data.key === key ? stored.data.measures : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw explainFileError(path, error);
  }
}
