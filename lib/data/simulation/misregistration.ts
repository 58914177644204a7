import type { Rng } from "../../backend/rng";
import type { Sequence } from "../../shape";
import type { RigidMotion } from "./rigid-resample";

/**
 * What is left between a sequence and the contrast-enhanced T1w image after rigid registration: standard deviation
 * a subject along each axis and about it. Registration of clinical scans errs by some 1 mm (West et al. 1997, J
 * Comput Assist Tomogr 21(4)), of which we take a part; BraTS registers its sequences rigidly (Menze et al. 2015, IEEE TMI 34(10)).
 */
export const MISREGISTRATION = {
  shiftMm: 0.4,
  turnDeg: 0.35,
  /** Share of scans that are registered worse, and by how much. */
  badShare: 0.08,
  badFactor: 2.5,
} as const;

const AT_REST: RigidMotion = { shiftMm: [0, 0, 0], turnRad: [0, 0, 0] };

/** The motion that is left of a sequence; the rater draws on T1wGd, which therefore has none. */
export function drawMisregistration(rng: Rng, sequence: Sequence): RigidMotion {
  if (sequence === "t1wGd") return AT_REST;
  const draw = rng.stream();
  const { shiftMm, turnDeg, badShare, badFactor } = MISREGISTRATION;
  const factor = draw.uniform() < badShare ? badFactor : 1;
  const shift = (): number => draw.normal(0, factor * shiftMm);
  const turn = (): number => (draw.normal(0, factor * turnDeg) * Math.PI) / 180;
  return { shiftMm: [shift(), shift(), shift()], turnRad: [turn(), turn(), turn()] };
}
