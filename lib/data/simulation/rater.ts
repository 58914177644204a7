import type { Rng } from "../../backend/rng";
import type { Lattice } from "./lattice";
import type { SimulationTraits } from "./simulation-version";
import { layeredNoise } from "./smooth-noise";

/**
 * How one rater draws one tumour. Two raters agree in BraTS to a Dice of 0.85 on the whole tumour, 0.75 on the
 * core and 0.74 on the enhancing part (Menze et al. 2015, IEEE TMI 34(10)).
 */
export interface Rater {
  /** Drawn minus true border on the tumour's lattice, mm: core, enhancing part, necrosis. */
  readonly coreMm: Float32Array;
  readonly enhancingMm: Float32Array;
  readonly necrosisMm: Float32Array;
  /** Factor on the wetness that the rater perceives, about 1, on the tumour's lattice. */
  readonly edemaGain: Float32Array;
  /** Standard normal field whose extremes are confused, on the tumour's lattice. */
  readonly confusion: Float32Array;
  /** Shift of all borders in each axial millimetre, mm: the tumour is drawn slice by slice. */
  readonly sliceMm: Float32Array;
  readonly limits: VisibleLimits;
  /** Value of `confusion` above which core that does not enhance is drawn as edema; Infinity: never. */
  readonly coreAsEdema: number;
  /** Value of minus `confusion` above which edema next to the core is drawn as core; Infinity: never. */
  readonly edemaAsCore: number;
}

/** From which level on a finding is drawn. */
export interface VisibleLimits {
  /** Uptake of contrast agent, 0..1. */
  readonly uptake: number;
  /** Share of the voxel that looks wet, 0..1. */
  readonly wetness: number;
  /** Share of CSF from which a voxel counts as sulcus or ventricle, 0..1. */
  readonly csf: number;
}

/**
 * Standard deviations of the drawn borders in the median subject, mm. Core against edema is the least clear; the
 * enhancing part is drawn to the voxel.
 */
export const BORDER_ERROR_MM = { core: 0.9, enhancing: 0.3, necrosis: 0.5 } as const;

/** Log standard deviation of the errors' size between subjects and raters. */
const CARE_SPREAD = 0.4;

/** Bumps of a drawn border, mm: half of the error is of the hand, half of the opinion. */
const ERROR_LAYERS = [
  { controlMm: 14, deviation: 0.75 },
  { controlMm: 5, deviation: 0.66 },
] as const;

/** Standard deviation of the shift from slice to slice, mm. */
const SLICE_SHIFT_MM = 0.25;

/** Log standard deviations: of the perceived wetness from place to place, and of limits between raters. */
const EDEMA_GAIN_SPREAD = 0.1;
const LIMIT_SPREAD = { uptake: 0.1, wetness: 0.18 } as const;

/** Share of subjects in whom core and edema are confused in places, each way. */
const CORE_AS_EDEMA_SHARE = 0.2;
const EDEMA_AS_CORE_SHARE = 0.12;

/** Width of the places that are confused, mm. */
const CONFUSION_MM = 16;

/** How far from the core edema may be taken for core, mm. */
export const CONFUSED_REACH_MM = 7;

/** Axial millimetres of the frame. */
const AXIAL_MM = 160;

/** Draws a rater's habits and errors for one tumour; raters paint over sulci to different degrees. */
export function drawRater(
  rng: Rng,
  lattice: Lattice,
  { limits, raterCsf }: Pick<SimulationTraits, "limits" | "raterCsf">,
): Rater {
  const draw = rng.fork("habits").stream();
  const care = Math.exp(draw.normal(0, CARE_SPREAD));
  const border = (name: string, deviationMm: number): Float32Array =>
    layeredNoise(rng.fork(name), lattice, ERROR_LAYERS).map((value) => care * deviationMm * value);
  const happens = (share: number): boolean => draw.uniform() < share;
  return {
    limits: {
      uptake: limits.uptake * Math.exp(draw.normal(0, LIMIT_SPREAD.uptake)),
      wetness: Math.min(0.75, limits.wetness * Math.exp(draw.normal(0, LIMIT_SPREAD.wetness))),
      csf: draw.uniform(raterCsf.least, raterCsf.most),
    },
    coreAsEdema: happens(CORE_AS_EDEMA_SHARE) ? draw.uniform(-0.5, 1.2) : Infinity,
    edemaAsCore: happens(EDEMA_AS_CORE_SHARE) ? draw.uniform(0, 1.4) : Infinity,
    coreMm: border("core", BORDER_ERROR_MM.core),
    enhancingMm: border("enhancing", BORDER_ERROR_MM.enhancing),
    necrosisMm: border("necrosis", BORDER_ERROR_MM.necrosis),
    edemaGain: layeredNoise(rng.fork("edema"), lattice, ERROR_LAYERS).map((value) =>
      Math.exp(EDEMA_GAIN_SPREAD * care * value),
    ),
    confusion: layeredNoise(rng.fork("confusion"), lattice, [{ controlMm: CONFUSION_MM, deviation: 1 }]),
    sliceMm: Float32Array.from({ length: AXIAL_MM }, () => SLICE_SHIFT_MM * care * draw.normal()),
  };
}
