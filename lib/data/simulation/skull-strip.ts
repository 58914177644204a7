import type { Rng } from "../../backend/rng";
import type { Lattice } from "./lattice";
import { layeredNoise, smoothNoise } from "./smooth-noise";

/**
 * Where skull stripping cuts: the share of brain in a voxel below which it is taken away. Automatic masks differ
 * from drawn ones (Iglesias et al. 2011, IEEE TMI 30(9), compare seven methods); by how much is our choice.
 */
export const STRIPPING = {
  mean: 0.55,
  /** Between subjects, and from place to place at two scales. */
  subjectDeviation: 0.06,
  coarse: { controlMm: 25, deviation: 0.09 },
  fine: { controlMm: 8, deviation: 0.06 },
  /** Patches where CSF and dura beyond the brain were left: they begin above this many standard deviations. */
  leftover: { controlMm: 13, above: 1.3, depth: 0.6 },
  lowest: 0.1,
  highest: 0.88,
} as const;

/** The level of the cut at each node: a little too far or not far enough, by place and by subject. */
export function drawCut(rng: Rng, lattice: Lattice): Float32Array {
  const mean = rng.fork("mean").stream().normal(STRIPPING.mean, STRIPPING.subjectDeviation);
  const noise = layeredNoise(rng, lattice, [STRIPPING.coarse, STRIPPING.fine]);
  const { above, depth, controlMm } = STRIPPING.leftover;
  const patches = smoothNoise(rng.fork("leftover"), lattice, controlMm);
  for (let i = 0; i < noise.length; i++) {
    const level = mean + (noise[i] as number) - depth * Math.max(0, (patches[i] as number) - above);
    noise[i] = Math.min(STRIPPING.highest, Math.max(STRIPPING.lowest, level));
  }
  return noise;
}
