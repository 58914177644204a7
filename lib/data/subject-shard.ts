import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { explainFileError, InputError } from "../errors";
import { contentHash } from "../storage/content-hash";
import { filesOf, readSubject, type SubjectFiles } from "./brats-cohort";
import { shrinkSlices } from "./shrink-slices";
import { readKeyedSliceSet, writeSliceSet, type SliceSet } from "./slice-set";
import { studySlices } from "./study-slices";

/** Counted up whenever the same input gives other slices. */
const PREPARATION_VERSION = 1;

/** What one shard is made from; sent to worker threads. */
export interface ShardJob {
  readonly files: SubjectFiles;
  readonly size: number;
  readonly simulated: boolean;
  readonly source: string;
  readonly path: string;
  readonly key: string;
}

/**
 * The job of one subject.
 *
 * @param source One line: where the cohort comes from.
 * @throws InputError if a file is gone.
 */
export function shardJob(
  files: SubjectFiles,
  options: {
    readonly size: number;
    readonly simulated: boolean;
    readonly source: string;
    readonly outFolder: string;
  },
): ShardJob {
  const { size, simulated, source } = options;
  // Sizes and times of change stand for the content: hashing a large cohort on each start takes minutes.
  const inputs = filesOf(files).map((path) => {
    try {
      const { size: bytes, mtimeMs } = statSync(path);
      return [basename(path), bytes, mtimeMs];
    } catch (error) {
      throw explainFileError(path, error);
    }
  });
  const key = contentHash([PREPARATION_VERSION, files.id, size, simulated, source, inputs]);
  return {
    files,
    size,
    simulated,
    source,
    path: join(options.outFolder, `${files.id}-${size}.safetensors`),
    key,
  };
}

/** Reads the volumes of a subject, makes its slices and writes its shard, whole or not at all. */
export function makeShard({ files, size, simulated, source, path, key }: ShardJob): void {
  const { images, z } = studySlices(readSubject(files));
  const count = z.length;
  const subjectOf = new Int32Array(count);
  const shrunk = shrinkSlices(images, size);
  const set = { size, count, images: shrunk, subjects: [files.id], subjectOf, z, simulated, source };
  writeSliceSet(path, set, key);
}

/**
 * The slices of a shard that is there already.
 *
 * @returns undefined where there is none, it is of other inputs, or it is damaged, so that it is made anew.
 */
export function readShard(job: ShardJob): SliceSet | undefined {
  try {
    const { set, key } = readKeyedSliceSet(job.path);
    return key === job.key ? set : undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
