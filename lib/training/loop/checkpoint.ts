import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../../errors";
import { readSafetensors, writeSafetensors } from "../../storage/safetensors";
import { removeStaleParts } from "../../storage/stale-parts";
import type { SavedState } from "./saved-state";

/** Where a run stands: what the file says beside its tensors. */
const progressSchema = z.object({
  /** Steps done. */
  step: z.number().int().nonnegative(),
  imagesSeen: z.number().int().nonnegative(),
  /** Training time so far, over all resumed parts. */
  durationSec: z.number().nonnegative(),
  /** Hash of the run's config: a checkpoint of another config is not taken. */
  configHash: z.string(),
});
export type TrainingProgress = z.infer<typeof progressSchema>;

export interface Checkpoint {
  readonly progress: TrainingProgress;
  readonly state: SavedState;
  readonly path: string;
}

const NAME = /^checkpoint-(\d{8})\.safetensors$/;
const KEPT = 2;

/**
 * Writes a checkpoint atomically and removes all but it and the one before it; later ones, too, which can
 * only be damaged ones that were passed over. Tensors and progress are one file, so
 * that no fault can pair the tensors of one step with the progress of another.
 */
export function writeCheckpoint(folder: string, progress: TrainingProgress, state: SavedState): string {
  const name = `checkpoint-${String(progress.step).padStart(8, "0")}.safetensors`;
  const path = join(folder, name);
  writeSafetensors(path, { tensors: state, metadata: { progress: JSON.stringify(progress) } });
  const names = checkpointNames(folder);
  const kept = names.slice(0, names.indexOf(name) + 1).slice(-KEPT);
  for (const other of names) if (!kept.includes(other)) rmSync(join(folder, other), { force: true });
  // A run that was killed while it wrote need not write a checkpoint of the same step again.
  removeStaleParts(folder, (target) => NAME.test(target));
  return path;
}

/**
 * The newest readable checkpoint of a folder; a damaged one is passed over for the one before it.
 *
 * @returns undefined where there is none.
 * @throws InputError if the newest belongs to another config.
 */
export function readLatestCheckpoint(folder: string, configHash: string): Checkpoint | undefined {
  for (const name of checkpointNames(folder).reverse()) {
    const path = join(folder, name);
    const checkpoint = tryRead(path);
    if (checkpoint === undefined) continue;
    if (checkpoint.progress.configHash !== configHash)
      throw new InputError(
        path,
        "belongs to a run with other settings",
        "Remove the folder or choose another one",
      );
    return checkpoint;
  }
  return undefined;
}

function tryRead(path: string): Checkpoint | undefined {
  try {
    const { tensors, metadata } = readSafetensors(path);
    const progress = progressSchema.parse(JSON.parse(metadata["progress"] ?? "null"));
    return { progress, state: tensors, path };
  } catch (error) {
    if (error instanceof InputError || error instanceof z.ZodError || error instanceof SyntaxError)
      return undefined;
    throw error;
  }
}

function checkpointNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => NAME.test(name))
    .sort();
}
