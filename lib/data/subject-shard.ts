import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { explainFileError, InputError } from "../errors";
import { contentHash } from "../storage/content-hash";
import { filesOf, readSubject, type SubjectFiles } from "./brats-cohort";
import { shrinkSlices } from "./shrink-slices";
import { readSliceIndex, readSliceSet, writeSliceSet, type SliceSet } from "./slice-set";
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

/** What a shard holds. */
export interface ShardSummary {
  readonly path: string;
  readonly slices: number;
  /** Subjects in it, one where it was made of volumes. */
  readonly subjects: readonly string[];
  /** 1-based axial positions of the first and the last slice; null where there is none. */
  readonly firstZ: number | null;
  readonly lastZ: number | null;
}

/**
 * Makes the shard of a subject, whole or not at all, unless one of the same inputs stands there undamaged.
 *
 * @throws InputError if a volume is broken or the shard cannot be written.
 */
export function makeShard({ files, size, simulated, source, path, key }: ShardJob): ShardSummary {
  return keepOrMake(path, key, () => {
    const { images, z } = studySlices(readSubject(files));
    const count = z.length;
    const subjectOf = new Int32Array(count);
    const shrunk = shrinkSlices(images, size);
    return { size, count, images: shrunk, subjects: [files.id], subjectOf, z, simulated, source };
  });
}

/** The shard of a key as it stands there, or else made and written; its checksum is verified either way. */
export function keepOrMake(path: string, key: string, make: () => SliceSet): ShardSummary {
  const known = readShard(path, key);
  if (known !== undefined) return summaryOf(path, known);
  const set = make();
  writeSliceSet(path, set, key);
  return summaryOf(path, set);
}

/** @returns undefined where there is no shard, it is of other inputs, or it is damaged, so that it is made anew. */
function readShard(path: string, key: string): SliceSet | undefined {
  try {
    if (readSliceIndex(path).key !== key) return undefined;
    return readSliceSet(path);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function summaryOf(path: string, { count, subjects, z }: SliceSet): ShardSummary {
  return { path, slices: count, subjects, firstZ: z[0] ?? null, lastZ: z[count - 1] ?? null };
}
