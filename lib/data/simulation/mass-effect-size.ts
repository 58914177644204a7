import { VENTRICLE_DEPTH_MM } from "./anatomy";
import { AtlasSampler } from "./atlas-sampler";
import type { Head } from "./head";
import { latticeOver, nodeCount, nodePosition, sampleField, type Lattice, type Vector } from "./lattice";
import { placeInHead } from "./minerals";
import { MIDLINE_MM } from "./vessel-tree";
import { DisplacementReader } from "./displacement";

/** What a mass did to the middle of the head, from the displacement that the simulation keeps. */
export interface MassEffectSize {
  /** Largest displacement of the septum pellucidum and the third ventricle to either side, mm. */
  readonly midlineShiftMm: number;
  /** Lateral and third ventricles with the mass, mL. */
  readonly ventriclesMl: number;
  /** Share of their volume that the mass pressed out, 0..1; below 0 where they grew. */
  readonly pressedShare: number;
  /** The same of the half that lost more, which is the one on the mass's side. */
  readonly pressedShareOfSide: number;
}

/** Septum pellucidum and third ventricle in the atlas's plane of symmetry: front to back, bottom to top, mm. */
const MIDDLE = { front: 90, back: 140, bottom: 64, top: 94, stepMm: 3 } as const;

/** Where the atlas's lateral and third ventricles are in any head, mm, and how finely they are measured. */
const VENTRICLE_BOX = { low: [60, 50, 36], high: [180, 200, 126], stepMm: 2 } as const;

/** Tissue is CSF where more than half of a point is. */
const CSF_SHARE = 0.5;

/** Measures the mass effect of a subject's tumour. */
export function massEffectSize(head: Head): MassEffectSize {
  return { midlineShiftMm: midlineShift(head), ...ventricles(head) };
}

/** Follows points of the middle plane from the atlas into the head, where the push says how far they moved. */
function midlineShift({ lattice, toAtlas, tumour, person }: Head): number {
  let largest = 0;
  for (let y: number = MIDDLE.front; y <= MIDDLE.back; y += MIDDLE.stepMm)
    for (let z: number = MIDDLE.bottom; z <= MIDDLE.top; z += MIDDLE.stepMm) {
      const at = placeInHead(lattice, toAtlas, [MIDLINE_MM, y, z], person.mirrored);
      largest = Math.max(largest, Math.abs(sampleField(lattice, tumour.push.x, ...at)));
    }
  return largest;
}

/**
 * Volumes of the ventricles with the mass and before it grew. The push leads from each point p of the head to where
 * its tissue was, q; so a volume before is the integral over p of dq/dp, the determinant of the map's Jacobian.
 */
function ventricles(head: Head): Omit<MassEffectSize, "midlineShiftMm"> {
  const { lattice, toAtlas, tumour, anatomy } = head;
  const atlas = new AtlasSampler(anatomy);
  const reader = new DisplacementReader(lattice, toAtlas);
  const grid = latticeOver(VENTRICLE_BOX.low, VENTRICLE_BOX.high, VENTRICLE_BOX.stepMm);
  const ml = grid.spacingMm ** 3 / 1000;
  const [now, before] = [
    [0, 0],
    [0, 0],
  ] as [[number, number], [number, number]];
  for (let i = 0; i < nodeCount(grid); i++) {
    const [x, y, z] = nodePosition(grid, i);
    reader.at(x, y, z);
    const [ax, ay, az] = [x + reader.dx, y + reader.dy, z + reader.dz];
    if (sampleField(anatomy.coarse, anatomy.depthMm, ax, ay, az) < VENTRICLE_DEPTH_MM) continue;
    if (!atlas.sample(ax, ay, az) || atlas.csf < CSF_SHARE) continue;
    const side = ax < MIDLINE_MM ? 0 : 1;
    now[side] += ml;
    before[side] += ml * jacobian(lattice, tumour.push, [x, y, z]);
  }
  const pressed = (a: number, b: number): number => (b === 0 ? 0 : 1 - a / b);
  return {
    ventriclesMl: now[0] + now[1],
    pressedShare: pressed(now[0] + now[1], before[0] + before[1]),
    pressedShareOfSide: Math.max(pressed(now[0], before[0]), pressed(now[1], before[1])),
  };
}

/** Determinant of the Jacobian of p -> p + push(p), by central differences over a node's distance. */
function jacobian(lattice: Lattice, push: Head["tumour"]["push"], [x, y, z]: Vector): number {
  const reader = new DisplacementReader(lattice, push);
  const h = lattice.spacingMm / 2;
  const slope = (dx: number, dy: number, dz: number): Vector => {
    reader.at(x + dx, y + dy, z + dz);
    const { dx: px, dy: py, dz: pz } = reader;
    reader.at(x - dx, y - dy, z - dz);
    return [(px - reader.dx) / (2 * h), (py - reader.dy) / (2 * h), (pz - reader.dz) / (2 * h)];
  };
  const [xx, yx, zx] = slope(h, 0, 0);
  const [xy, yy, zy] = slope(0, h, 0);
  const [xz, yz, zz] = slope(0, 0, h);
  return (
    (1 + xx) * ((1 + yy) * (1 + zz) - yz * zy) -
    xy * (yx * (1 + zz) - yz * zx) +
    xz * (yx * zy - (1 + yy) * zx)
  );
}
