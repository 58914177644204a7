import type { Rng } from "../../backend/rng";
import { inPosteriorFossa, type Anatomy } from "./anatomy";
import { boxBetween, type Frame, type VoxelBox } from "./frame";
import { latticeOver, nodeCount, nodePosition, sampleField, type Lattice } from "./lattice";
import { layeredNoise, smoothNoise } from "./smooth-noise";
import { makeTumour, type Tumour } from "./tumour";
import { compose, headWarp, type Displacement } from "./warp";

/** One subject's head: coarse fields from which every voxel follows. */
export interface Head {
  readonly anatomy: Anatomy;
  readonly lattice: Lattice;
  /** Where the tissue of each node is found in the atlas. */
  readonly toAtlas: Displacement;
  readonly tumour: Tumour;
  /** Factors on the odds of white matter and of CSF, by which folds differ from the atlas's. */
  readonly whiteOdds: Float32Array;
  readonly csfOdds: Float32Array;
  /** Two fields whose common zeros are the paths of small vessels. */
  readonly vesselA: Float32Array;
  readonly vesselB: Float32Array;
  /** White-matter hyperintensity of age, 0..1. */
  readonly hyperintensity: Float32Array;
  /** Distance from the brain's surface as the atlas has it, mm, positive inside. */
  readonly depthMm: Float32Array;
  /** Coverage at which skull stripping cut, around 0.5. */
  readonly cut: Float32Array;
}

/** Nodes around any head of the cohort, 4 mm apart. */
const HEAD_LATTICE = latticeOver([30, 18, -8], [210, 238, 164], 4);

/** Standard deviation of the log odds. */
const FOLD_STRENGTH = 1;

/** Makes a subject's head and its tumour. */
export function makeHead(rng: Rng, anatomy: Anatomy): Head {
  const lattice = HEAD_LATTICE;
  const warp = headWarp(rng.fork("warp"), lattice, anatomy);
  const tumour = makeTumour(rng.fork("tumour"), anatomy, lattice, warp);
  const toAtlas = compose(lattice, tumour.push, warp);
  const fold = layeredNoise(rng.fork("fold"), lattice, [
    { controlMm: 6.5, deviation: 0.8 },
    { controlMm: 14, deviation: 0.5 },
  ]);
  calmPosteriorFossa(lattice, fold, toAtlas);
  const widen = smoothNoise(rng.fork("widen"), lattice, 18);
  // Sulci of a whole brain are wider in the old.
  const atrophy = rng.fork("atrophy").stream().normal(0.1, 0.5);
  return {
    anatomy,
    lattice,
    toAtlas,
    tumour,
    whiteOdds: fold.map((value) => Math.exp(FOLD_STRENGTH * value)),
    csfOdds: fold.map((value, i) => Math.exp(atrophy - FOLD_STRENGTH * value + 0.6 * (widen[i] as number))),
    vesselA: smoothNoise(rng.fork("vesselA"), lattice, 9),
    vesselB: smoothNoise(rng.fork("vesselB"), lattice, 9),
    hyperintensity: hyperintensities(rng.fork("hyperintensity"), anatomy, lattice, toAtlas),
    depthMm: fieldInHead(anatomy, anatomy.depthMm, lattice, toAtlas),
    cut: cutLevel(rng.fork("cut"), lattice),
  };
}

/** The folds of cerebellum and brain stem differ far less between people than those of the cortex. */
function calmPosteriorFossa(lattice: Lattice, fold: Float32Array, toAtlas: Displacement): void {
  for (let i = 0; i < fold.length; i++) {
    const [x, y, z] = nodePosition(lattice, i);
    if (
      inPosteriorFossa(
        x + (toAtlas.x[i] as number),
        y + (toAtlas.y[i] as number),
        z + (toAtlas.z[i] as number),
      )
    )
      fold[i] = 0.25 * (fold[i] as number);
  }
}

/**
 * Hyperintensities without a label: caps and rims of the ventricles and scattered spots, from none to many
 * (Fazekas et al. 1987, AJR 149(2)).
 */
function hyperintensities(rng: Rng, anatomy: Anatomy, lattice: Lattice, toAtlas: Displacement): Float32Array {
  const load = rng.fork("load").stream().uniform() ** 2.2;
  const spots = smoothNoise(rng.fork("spots"), lattice, 8);
  const ventricles = fieldInHead(anatomy, anatomy.ventricles, lattice, toAtlas);
  return spots.map((spot, i) => {
    const around = ventricles[i] as number;
    const cap = Math.min(1, 5 * around) * (0.45 + 0.5 * load + 0.25 * spot) - 0.4;
    const deep = 0.7 * (spot - 2.6 + 1.1 * load);
    return Math.min(0.9, Math.max(0, cap, deep) * (0.4 + load));
  });
}

/** Skull stripping cuts a little too far or not far enough, by place and by subject. */
function cutLevel(rng: Rng, lattice: Lattice): Float32Array {
  const mean = rng.fork("mean").stream().normal(0.6, 0.05);
  const noise = layeredNoise(rng, lattice, [
    { controlMm: 25, deviation: 0.07 },
    { controlMm: 8, deviation: 0.05 },
  ]);
  return noise.map((value) => Math.min(0.85, Math.max(0.3, mean + value)));
}

/** How far beyond the atlas's surface a voxel of brain may lie: the coarse distance is this inexact, mm. */
export const SURFACE_MARGIN_MM = 5;

/** The box of voxels that holds the head. */
export function headBox(frame: Frame, { lattice, depthMm }: Head): VoxelBox {
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  const high: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < nodeCount(lattice); i++) {
    if ((depthMm[i] as number) < -SURFACE_MARGIN_MM) continue;
    const point = nodePosition(lattice, i);
    for (const axis of [0, 1, 2] as const) {
      low[axis] = Math.min(low[axis], point[axis]);
      high[axis] = Math.max(high[axis], point[axis]);
    }
  }
  return boxBetween(frame, low, high);
}

/** A coarse field of the atlas as the subject's head has it. */
function fieldInHead(
  anatomy: Anatomy,
  field: Float32Array,
  lattice: Lattice,
  toAtlas: Displacement,
): Float32Array {
  return toAtlas.x.map((dx, i) => {
    const [x, y, z] = nodePosition(lattice, i);
    return sampleField(
      anatomy.coarse,
      field,
      x + dx,
      y + (toAtlas.y[i] as number),
      z + (toAtlas.z[i] as number),
    );
  });
}
