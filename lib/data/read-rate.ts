import { Rng } from "../backend/rng";
import { BatchSource, networkValues } from "./batches";
import type { SliceSource } from "./sharded-slices";

const BATCH_SIZE = 32;
const DURATION_SEC = 0.3;

/** How fast batches of 32 come out of a set, as the float32 values that a network takes. */
export function readRate(set: SliceSource): {
  readonly slicesPerSec: number;
  readonly megabytesPerSec: number;
} {
  if (set.count === 0) return { slicesPerSec: 0, megabytesPerSec: 0 };
  const batches = new BatchSource(set, Rng.fromSeed(0), BATCH_SIZE);
  let [bytes, steps] = [0, 0];
  const start = performance.now();
  let sec = 0;
  while (sec < DURATION_SEC) {
    bytes += networkValues(set, batches.batchIndices(steps++)).byteLength;
    sec = (performance.now() - start) / 1000;
  }
  return { slicesPerSec: (steps * BATCH_SIZE) / sec, megabytesPerSec: bytes / 1e6 / sec };
}
