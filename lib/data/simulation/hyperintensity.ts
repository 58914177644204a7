import type { Rng } from "../../backend/rng";
import type { Lattice } from "./lattice";
import { smoothNoise } from "./smooth-noise";

/** Largest share of waterlogged tissue in a hyperintensity: it stays below the edema of most tumours. */
export const HYPERINTENSITY_LIMIT = 0.9;

/**
 * Hyperintensities of age, which have no label: caps and rims of the ventricles and scattered spots, from none to
 * confluent (Fazekas et al. 1987, AJR 149(2)).
 *
 * @param ventricles How much of a node's neighbourhood is ventricle, 0..1.
 * @param load 0 none, 1 confluent.
 * @returns Share of tissue that is waterlogged, 0..1.
 */
export function hyperintensities(
  rng: Rng,
  lattice: Lattice,
  ventricles: Float32Array,
  load: number,
): Float32Array {
  const spots = smoothNoise(rng.fork("spots"), lattice, 8);
  for (let i = 0; i < spots.length; i++) {
    const spot = spots[i] as number;
    const around = ventricles[i] as number;
    const cap = Math.min(1, 5 * around) * (0.45 + 0.5 * load + 0.25 * spot) - 0.4;
    const deep = 0.7 * (spot - 2.6 + 1.1 * load);
    spots[i] = Math.min(HYPERINTENSITY_LIMIT, Math.max(0, cap, deep) * (0.4 + load));
  }
  return spots;
}
