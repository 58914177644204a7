import type { Rng } from "../backend/rng";
import { GREY_OF_CLASS } from "../data/mask-code";
import type { SliceSet } from "../data/slice-set";
import { CLASS_COUNT, MASK_CHANNEL, SLICE_CHANNELS } from "../shape";

/** Slices of noise with masks of noise: as much work as any others. */
export function noiseSlices(size: number, count: number, rng: Rng): SliceSet {
  const images = Uint8Array.from(rng.fork("slices").uniforms(count * size * size * SLICE_CHANNELS), (u, i) =>
    i % SLICE_CHANNELS === MASK_CHANNEL
      ? GREY_OF_CLASS[Math.floor(u * CLASS_COUNT) as 0 | 1 | 2 | 3]
      : Math.floor(u * 256),
  );
  return {
    size,
    count,
    images,
    subjects: ["noise"],
    subjectOf: new Int32Array(count),
    z: Int32Array.from({ length: count }, (_, n) => n + 1),
    simulated: true,
    source: "noise",
  };
}
