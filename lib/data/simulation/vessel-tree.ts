import type { TissueMaps } from "./anatomy";
import { nodeCount, nodePosition, sampleField, type Lattice, type Vector } from "./lattice";

/** The plane between the hemispheres, mm. */
export const MIDLINE_MM = 119;

/** A vessel: points in mm of the atlas, x as distance from the midline, on one side or on both. */
interface Vessel {
  readonly radiusMm: number;
  readonly paired: boolean;
  /** Share of its volume that is blood; 1 where left out. */
  readonly share?: number;
  readonly points: readonly Vector[];
}

/** The arteries and veins that a contrast-enhanced scan of this resolution shows, traced by eye on the atlas. */
const VESSELS: readonly Vessel[] = [
  {
    radiusMm: 1.9,
    paired: true,
    points: [
      [13, 97, 26],
      [12, 97, 38],
      [9, 97, 48],
    ],
  }, // internal carotid
  {
    radiusMm: 1.5,
    paired: true,
    points: [
      [9, 97, 48],
      [20, 94, 52],
      [34, 95, 55],
      [42, 101, 60],
    ],
  }, // M1
  {
    radiusMm: 1.0,
    paired: true,
    points: [
      [42, 101, 60],
      [45, 110, 70],
      [46, 122, 80],
      [52, 138, 88],
    ],
  }, // M2
  {
    radiusMm: 1.1,
    paired: true,
    points: [
      [9, 97, 48],
      [2, 88, 52],
      [2, 72, 60],
      [2, 62, 74],
      [2, 76, 98],
    ],
  }, // anterior
  {
    radiusMm: 0.9,
    paired: true,
    points: [
      [2, 76, 98],
      [2, 96, 108],
      [2, 120, 112],
      [2, 145, 112],
    ],
  }, // pericallosal
  {
    radiusMm: 1.8,
    paired: false,
    points: [
      [0, 114, 18],
      [0, 110, 32],
      [0, 108, 46],
    ],
  }, // basilar
  {
    radiusMm: 1.2,
    paired: true,
    points: [
      [1, 108, 47],
      [12, 114, 50],
      [18, 126, 53],
      [17, 142, 58],
      [12, 162, 66],
    ],
  },
  {
    radiusMm: 1.0,
    paired: true,
    points: [
      [2, 114, 80],
      [2, 126, 79],
      [1, 140, 75],
    ],
  }, // internal cerebral veins
  {
    radiusMm: 2.0,
    paired: false,
    points: [
      [0, 140, 75],
      [0, 152, 74],
      [0, 168, 64],
      [0, 186, 52],
      [0, 200, 48],
    ],
  },
  {
    radiusMm: 2.2,
    paired: true,
    points: [
      [2, 202, 48],
      [22, 196, 40],
      [42, 182, 36],
      [52, 162, 30],
    ],
  }, // transverse sinus
  {
    radiusMm: 2.2,
    paired: true,
    share: 0.4,
    points: [
      [28, 150, 78],
      [24, 144, 88],
      [14, 128, 93],
      [6, 108, 86],
    ],
  }, // choroid plexus
];

/**
 * Share of each voxel that enhances by its vessels: the tree above, the superior sagittal sinus, the falx.
 *
 * @param depthMm Distance from the brain's surface on `coarse`, mm.
 * @returns 0..1, one value a node of the maps.
 */
export function vesselDensity(maps: TissueMaps, coarse: Lattice, depthMm: Float32Array): Float32Array {
  const density = new Float32Array(nodeCount(maps.lattice));
  for (const { radiusMm, paired, points, share = 1 } of VESSELS)
    for (const side of paired ? [-1, 1] : [1])
      for (let i = 0; i + 1 < points.length; i++)
        drawSegment(maps, density, onSide(points[i], side), onSide(points[i + 1], side), radiusMm, share);
  for (let i = 0; i < density.length; i++) {
    const [x, y, z] = nodePosition(maps.lattice, i);
    const offset = Math.abs(x - MIDLINE_MM);
    if (offset > 4 || (maps.csf[i] ?? 0) + (maps.gm[i] ?? 0) < 0.3) continue;
    const depth = sampleField(coarse, depthMm, x, y, z);
    const sinus = z > 60 && depth < 4 && offset < 3 ? 0.8 * (maps.csf[i] ?? 0) : 0;
    const falx = offset < 1 && depth < 24 && z > 62 ? 0.35 * (1 - (maps.wm[i] ?? 0)) : 0;
    density[i] = Math.max(density[i] ?? 0, sinus, falx);
  }
  return density;
}

function onSide(point: Vector | undefined, side: number): Vector {
  const [offset, y, z] = point ?? [0, 0, 0];
  return [MIDLINE_MM + side * offset, y, z];
}

/** Draws a tube with a soft wall; white matter holds no large vessels. */
function drawSegment(
  maps: TissueMaps,
  density: Float32Array,
  a: Vector,
  b: Vector,
  radiusMm: number,
  fullShare: number,
): void {
  const { lattice, wm } = maps;
  const length = Math.hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2]);
  const reach = Math.ceil((radiusMm + 1) / lattice.spacingMm);
  const [nx, ny, nz] = lattice.dims;
  for (let step = 0; step <= length; step += 0.5) {
    const centre = [0, 1, 2].map((k) => {
      const at = (a[k] ?? 0) + (((b[k] ?? 0) - (a[k] ?? 0)) * step) / length;
      return (at - (lattice.originMm[k] ?? 0)) / lattice.spacingMm;
    }) as [number, number, number];
    const [cx, cy, cz] = centre.map(Math.round) as [number, number, number];
    for (let z = Math.max(0, cz - reach); z <= Math.min(nz - 1, cz + reach); z++)
      for (let y = Math.max(0, cy - reach); y <= Math.min(ny - 1, cy + reach); y++)
        for (let x = Math.max(0, cx - reach); x <= Math.min(nx - 1, cx + reach); x++) {
          const mm = lattice.spacingMm * Math.hypot(x - centre[0], y - centre[1], z - centre[2]);
          const share = fullShare * Math.min(1, Math.max(0, radiusMm + 0.5 - mm));
          const i = x + nx * (y + ny * z);
          const kept = share * (1 - (wm[i] ?? 0));
          if (kept > (density[i] ?? 0)) density[i] = kept;
        }
  }
}
