import type { Rng } from "../../backend/rng";
import type { AtlasSampler } from "./atlas-sampler";
import { sampleField, type Lattice } from "./lattice";
import { smoothNoise } from "./smooth-noise";
import type { Displacement } from "./displacement";

/** A subject's own sulci on the head's lattice. */
export interface Folds {
  /** Signed distance from the middle of the nearest sulcus, mm. */
  readonly sulcusMm: Float32Array;
  /** How far the subject's folds take the place of the atlas's, 0..1. */
  readonly share: Float32Array;
}

/**
 * Folds of the cortex. Sulci lie some 15-20 mm apart and reach some 8-25 mm into the brain (Ono, Kubik, Abernathey
 * 1990, Atlas of the Cerebral Sulci); the cortex is 2.5 mm thick on average (Fischl and Dale 2000, PNAS 97(20)).
 */
export const FOLDS = {
  /** Distance of the control points of the pattern; sulci are about two of them apart. */
  controlMm: 8.5,
  /** Share of the pattern that changes with depth: without it, sulci would be straight cuts. */
  curl: 0.35,
  /** Mean depth of sulci and its spread over the brain, mm. */
  depthMm: 15,
  depthSpreadMm: 4,
  /** What atrophy of 1 adds to the width of a sulcus, mm. */
  atrophyWidthMm: 0.9,
  ribbonMm: 2.6,
  /** How far the atlas's own folds give way, 0..1. */
  strength: 0.75,
} as const;

/**
 * Draws the pattern: the sulci are the zeros of a random field on the brain's surface, continued inwards.
 *
 * @param depthMm Distance from the brain's surface on the same lattice, mm.
 * @param calm Nodes of cerebellum and brain stem, 1, have no such folds.
 */
export function drawFolds(rng: Rng, lattice: Lattice, depthMm: Float32Array, calm: Float32Array): Folds {
  const inwards = gradient(lattice, depthMm);
  const pattern = patternOnSurface(rng, lattice, depthMm, inwards);
  const reach = smoothNoise(rng.fork("reach"), lattice, 20);
  const share = new Float32Array(depthMm.length);
  for (let i = 0; i < share.length; i++) {
    const end = FOLDS.depthMm + FOLDS.depthSpreadMm * (reach[i] as number);
    const inside = Math.min(1, Math.max(0, (end - (depthMm[i] as number)) / 6 + 0.5));
    // In the middle of a pole the surfaces of all sides are equally far: none of them lends its sulci.
    const steepness = lengthAt(inwards, i);
    const sided = Math.min(1, Math.max(0, (steepness - 0.4) / 0.35));
    share[i] = FOLDS.strength * inside * sided * (1 - (calm[i] as number));
  }
  return { sulcusMm: zeroDistance(lattice, pattern), share };
}

/** Slopes of a field by central differences, one value a node each. */
function gradient(lattice: Lattice, field: Float32Array): Displacement {
  const [nx, ny] = lattice.dims;
  const along = (step: number): Float32Array => {
    const slope = new Float32Array(field.length);
    for (let i = step; i + step < field.length; i++)
      slope[i] = ((field[i + step] as number) - (field[i - step] as number)) / (2 * lattice.spacingMm);
    return slope;
  };
  return { x: along(1), y: along(nx), z: along(nx * ny) };
}

function lengthAt({ x, y, z }: Displacement, i: number): number {
  return Math.sqrt((x[i] as number) ** 2 + (y[i] as number) ** 2 + (z[i] as number) ** 2);
}

/** A random field that changes little along the way inwards: read at the point of the surface above each node. */
function patternOnSurface(
  rng: Rng,
  lattice: Lattice,
  depthMm: Float32Array,
  inwards: Displacement,
): Float32Array {
  const noise = smoothNoise(rng.fork("pattern"), lattice, FOLDS.controlMm);
  const curl = smoothNoise(rng.fork("curl"), lattice, FOLDS.controlMm);
  const { originMm, spacingMm, dims } = lattice;
  const pattern = new Float32Array(noise.length).fill(1);
  let i = 0;
  for (let c = 0; c < dims[2]; c++)
    for (let b = 0; b < dims[1]; b++)
      for (let a = 0; a < dims[0]; a++, i++) {
        const depth = depthMm[i] as number;
        if (depth < -8 || depth > FOLDS.depthMm + 4 * FOLDS.depthSpreadMm) continue;
        const above = sampleField(
          lattice,
          noise,
          originMm[0] + a * spacingMm - depth * (inwards.x[i] as number),
          originMm[1] + b * spacingMm - depth * (inwards.y[i] as number),
          originMm[2] + c * spacingMm - depth * (inwards.z[i] as number),
        );
        pattern[i] = above + FOLDS.curl * (curl[i] as number);
      }
  return pattern;
}

/** A field over the length of its gradient: near its zeros, the distance from them. */
function zeroDistance(lattice: Lattice, field: Float32Array): Float32Array {
  const slopes = gradient(lattice, field);
  // Where the field is flat, the distance of an average slope holds.
  const least = 0.5 / FOLDS.controlMm;
  const distance = new Float32Array(field.length);
  for (let i = 0; i < field.length; i++)
    distance[i] = (field[i] as number) / Math.max(least, lengthAt(slopes, i));
  return distance;
}

/**
 * Gives a voxel of the atlas the subject's folds: CSF in the sulci, a ribbon of grey matter along them and along the
 * surface, white matter between.
 *
 * @param atlas The voxel's tissues; changed.
 * @param halfWidthMm Half the width of sulci.
 */
export function foldCortex(
  atlas: AtlasSampler,
  sulcusMm: number,
  share: number,
  depthMm: number,
  halfWidthMm: number,
): void {
  const distance = sulcusMm < 0 ? -sulcusMm : sulcusMm;
  const ribbon = clamp((halfWidthMm + FOLDS.ribbonMm - distance) / 1.5 + 0.5);
  // White matter in the ribbon becomes grey; grey well inside a gyrus becomes white, sulci of the atlas close.
  const core = share * (1 - ribbon) * clamp((depthMm - 2) / 3);
  const toGrey = share * ribbon * atlas.wm;
  const toWhite = core * atlas.gm;
  const closed = core * clamp(2 - 2 * atlas.csf) * atlas.csf;
  const gm = atlas.gm + toGrey - toWhite + closed;
  const wm = atlas.wm - toGrey + toWhite;
  const opened = share * clamp((halfWidthMm - distance) / 1.2 + 0.5);
  atlas.replace(atlas.csf + (opened * (gm + wm) - closed), (1 - opened) * gm, (1 - opened) * wm);
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
