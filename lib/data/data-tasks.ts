import { measureFiles } from "./audit/measure-files";
import { measureMassEffect } from "./audit/measure-mass-effect";
import { countClassVoxels } from "./class-voxels";
import { checkSubject } from "./check-subject";
import { makeShard } from "./subject-shard";
import { makeImageShard } from "./synthetic-shard";

/** What can be done in a thread of its own: each takes one plain object and gives one back. */
export const DATA_TASKS = {
  check: checkSubject,
  shard: makeShard,
  images: makeImageShard,
  classVoxels: countClassVoxels,
  measure: measureFiles,
  massEffect: measureMassEffect,
} as const;

export type DataTask = keyof typeof DATA_TASKS;
export type JobOf<T extends DataTask> = Parameters<(typeof DATA_TASKS)[T]>[0];
export type ResultOf<T extends DataTask> = ReturnType<(typeof DATA_TASKS)[T]>;
