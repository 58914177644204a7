import type { Rng } from "../../backend/rng";
import type { Lattice } from "./lattice";
import { layeredNoise, smoothNoise } from "./smooth-noise";
import type { TumourPlan } from "./tumour-plan";

/** What the core consists of; one value a node of the tumour's lattice. */
export interface TumourParts {
  /** Distance inside the outer border of the part whose vessels leak, mm, negative outside. */
  readonly enhancingMm: Float32Array;
  /** Distance inside the necrosis, mm, negative outside. */
  readonly necrosisMm: Float32Array;
  /** Uptake of contrast agent where there is living tumour of that part, 0..1. */
  readonly uptake: Float32Array;
  /** Composition of tissue, about -1..1: bloody and dense to fluid. */
  readonly texture: Float32Array;
}

/** Variation of the thickness of the coat that does not enhance, mm. */
const COAT_VARIATION = [
  { controlMm: 20, deviation: 2.6 },
  { controlMm: 8, deviation: 0.9 },
] as const;

/** Log standard deviations of the rim's thickness around the tumour. */
const RIM_VARIATION = [
  { controlMm: 15, deviation: 0.5 },
  { controlMm: 6, deviation: 0.4 },
] as const;

/** Log standard deviation of the uptake from place to place, and the width of its bumps. */
const UPTAKE_VARIATION = { deviation: 0.35, controlMm: 6 } as const;

/** Where the barrier holds within the rim: bumps, mm, and how abruptly it fails. */
const PATCHES = [
  { controlMm: 12, deviation: 0.85 },
  { controlMm: 5, deviation: 0.5 },
] as const;
const PATCH_SHARPNESS = 7;

/**
 * The texture's layers: clots, cysts and cell nests of different sizes.
 *
 * @see Gutman et al. 2013, Radiology 267(2), for the features of glioblastoma that vary between patients:
 *   enhancing, non-enhancing, necrotic share, thickness of the margin, cysts, haemorrhage.
 */
const TEXTURE = [
  { controlMm: 10, deviation: 0.4 },
  { controlMm: 4.5, deviation: 0.3 },
] as const;

/** Standard deviation of the texture. */
export const TEXTURE_DEVIATION = 0.5;

/** Draws the inner structure of a core of a given shape. */
export function drawParts(rng: Rng, lattice: Lattice, coreMm: Float32Array, plan: TumourPlan): TumourParts {
  const coat = layeredNoise(rng.fork("coat"), lattice, COAT_VARIATION);
  const rim = layeredNoise(rng.fork("rim"), lattice, RIM_VARIATION);
  const enhancingMm = coreMm.map((mm, i) => mm - Math.max(0, plan.coatMm + (coat[i] as number)));
  return {
    enhancingMm,
    necrosisMm: enhancingMm.map((mm, i) => mm - plan.rimMm * Math.exp(rim[i] as number)),
    uptake: uptakeField(rng.fork("uptake"), lattice, plan),
    texture: layeredNoise(rng.fork("texture"), lattice, TEXTURE),
  };
}

/** Uptake around the plan's mean, with patches where the barrier still holds. */
function uptakeField(rng: Rng, lattice: Lattice, plan: TumourPlan): Float32Array {
  const strength = smoothNoise(rng.fork("strength"), lattice, UPTAKE_VARIATION.controlMm);
  const patches = layeredNoise(rng.fork("patches"), lattice, PATCHES);
  // The threshold at which a normal field covers the patchy share of space, by the logistic approximation.
  const share = Math.min(0.98, Math.max(0.005, plan.patchiness));
  const threshold = Math.log(share / (1 - share)) / 1.7;
  return strength.map((value, i) => {
    const open = 1 / (1 + Math.exp(-PATCH_SHARPNESS * ((patches[i] as number) - threshold)));
    return plan.uptake * open * Math.min(1.6, Math.exp(UPTAKE_VARIATION.deviation * value));
  });
}
