import type { TissueMaps } from "./anatomy";
import { latticeOver, nodeCount, nodePosition, type Vector } from "./lattice";

/** Centre of the cerebrum in the BraTS frame, mm; the same as in SRI24. */
const CENTRE: Vector = [119, 127, 78];
const RADII: Vector = [66, 84, 62];

/** How sharply tissues meet, mm. */
const EDGE_MM = 0.8;

/**
 * A head drawn by formulas, for machines without the atlas and for tests: an ellipsoid of white matter with
 * a folded ribbon of grey matter, sulci and a fissure of CSF, two lateral ventricles and a cerebellum.
 *
 * @param spacingMm Distance of the nodes.
 */
export function analyticHead(spacingMm = 2): TissueMaps {
  const lattice = latticeOver([45, 36, -2], [193, 222, 147], spacingMm);
  const count = nodeCount(lattice);
  const maps = {
    lattice,
    csf: new Float32Array(count),
    gm: new Float32Array(count),
    wm: new Float32Array(count),
  };
  for (let i = 0; i < count; i++) {
    const [x, y, z] = nodePosition(lattice, i);
    const [csf, gm, wm] = tissuesAt(x, y, z);
    maps.csf[i] = csf;
    maps.gm[i] = gm;
    maps.wm[i] = wm;
  }
  return maps;
}

/** Probabilities of CSF, grey and white matter at a point; all 0 outside the brain. */
function tissuesAt(x: number, y: number, z: number): Vector {
  const cerebrum = ellipsoidDepth(x, y, z, CENTRE, RADII);
  const cerebellum = ellipsoidDepth(x, y, z, [119, 165, 34], [46, 32, 24]);
  const brain = ramp(Math.max(cerebrum, cerebellum));
  if (brain < 0.01) return [0, 0, 0];
  const inside = Math.max(cerebrum - 2, cerebellum - 1);
  // Folds: sulci reach some 12 mm into the hemisphere where the wave is low.
  const wave =
    Math.sin(x / 5 + 2 * Math.sin(z / 11)) +
    Math.sin(y / 5.5 + 2 * Math.sin(x / 12)) +
    Math.sin(z / 6 + y / 17);
  const sulcus = 13 * Math.max(0, -0.9 - wave) - Math.max(0, cerebrum - 6) * 1.5;
  const fissure = z > 62 || Math.abs(y - CENTRE[1]) > 40 ? 1.5 - Math.abs(x - CENTRE[0]) : -10;
  const pial = Math.min(inside, -sulcus, -fissure); // mm inside the cortex's outer surface
  const offset = Math.abs(x - CENTRE[0]);
  const ventricle = ellipsoidDepth(offset, y, z, [13, 122, 84], [8, 34, 9]);
  const csf = brain * Math.max(1 - ramp(pial), ramp(ventricle));
  const nucleus = ellipsoidDepth(offset, y, z, [17, 122, 68], [10, 22, 11]);
  const white = ramp(pial - 3) * (1 - ramp(nucleus));
  return [csf, (brain - csf) * (1 - white), (brain - csf) * white];
}

/** About the distance inside the surface of an ellipsoid, mm, negative outside. */
function ellipsoidDepth(x: number, y: number, z: number, centre: Vector, radii: Vector): number {
  const r = Math.hypot((x - centre[0]) / radii[0], (y - centre[1]) / radii[1], (z - centre[2]) / radii[2]);
  return (1 - r) * Math.min(...radii);
}

/** From 0 outside to 1 inside over the width of an edge. */
function ramp(depthMm: number): number {
  return 1 / (1 + Math.exp(-depthMm / (EDGE_MM / 2)));
}
