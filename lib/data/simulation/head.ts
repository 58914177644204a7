import type { Rng } from "../../backend/rng";
import { inPosteriorFossa, type Anatomy } from "./anatomy";
import { drawFolds, FOLDS, type Folds } from "./cortical-folds";
import { fieldInHead, type Displacement } from "./displacement";
import { boxBetween, type Frame, type VoxelBox } from "./frame";
import { hyperintensities } from "./hyperintensity";
import { latticeOver, nodeCount, nodePosition, sampleField, type Lattice } from "./lattice";
import { drawPerson, type Person } from "./person";
import type { SimulationTraits } from "./simulation-version";
import { drawCut } from "./skull-strip";
import { layeredNoise, smoothNoise } from "./smooth-noise";
import { makeTumour, type Tumour } from "./tumour";
import { compose, headWarp } from "./warp";

/** One subject's head: coarse fields from which every voxel follows. */
export interface Head {
  readonly anatomy: Anatomy;
  readonly traits: SimulationTraits;
  readonly person: Person;
  readonly lattice: Lattice;
  /** Where the tissue of each node is found in the atlas. */
  readonly toAtlas: Displacement;
  readonly tumour: Tumour;
  /** The subject's own sulci, which take the place of the atlas's, and half their width, mm. */
  readonly folds: Folds;
  readonly sulcusHalfMm: number;
  /** Factors on the odds of white matter and of CSF, by which tissue differs from the atlas's. */
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

/** Variation of the thickness of cortex and sulci: standard deviation of log odds at two scales. */
export const THICKNESS = [
  { controlMm: 6.5, deviation: 0.55 },
  { controlMm: 14, deviation: 0.45 },
] as const;

/** Width of sulci and fissures: log odds of CSF without atrophy, what atrophy of 1 adds, spread over the brain. */
export const CSF_ODDS = { young: -0.35, atrophy: 0.75, spread: 0.6 } as const;

/** Folds of cerebellum and brain stem differ far less between people than those of the cortex. */
const POSTERIOR_FOSSA_SHARE = 0.25;

/** Makes a subject's head and its tumour. */
export function makeHead(rng: Rng, anatomy: Anatomy, traits: SimulationTraits): Head {
  const lattice = HEAD_LATTICE;
  const person = drawPerson(rng.fork("person"));
  const warp = headWarp(rng.fork("warp"), lattice, anatomy, person);
  const tumour = makeTumour(rng.fork("tumour"), anatomy, lattice, warp, traits);
  const toAtlas = compose(lattice, tumour.push, warp);
  const calm = posteriorFossa(lattice, warp);
  const thickness = layeredNoise(rng.fork("fold"), lattice, THICKNESS);
  for (let i = 0; i < thickness.length; i++)
    thickness[i] = (thickness[i] as number) * (1 - (1 - POSTERIOR_FOSSA_SHARE) * (calm[i] as number));
  const widen = smoothNoise(rng.fork("widen"), lattice, 18);
  const csfBase = CSF_ODDS.young + CSF_ODDS.atrophy * person.atrophy;
  const ventricles = fieldInHead(anatomy.coarse, anatomy.ventricles, lattice, toAtlas);
  const depthBefore = fieldInHead(anatomy.coarse, anatomy.depthMm, lattice, warp);
  const folds = drawFolds(rng.fork("sulci"), lattice, depthBefore, calm);
  return {
    anatomy,
    traits,
    person,
    lattice,
    toAtlas,
    tumour,
    folds: {
      sulcusMm: pulled(lattice, folds.sulcusMm, tumour.push),
      share: pulled(lattice, folds.share, tumour.push),
    },
    sulcusHalfMm: (traits.sulcusMm + FOLDS.atrophyWidthMm * Math.max(-0.5, person.atrophy)) / 2,
    ...tissueOdds(thickness, widen, csfBase),
    vesselA: smoothNoise(rng.fork("vesselA"), lattice, 9),
    vesselB: smoothNoise(rng.fork("vesselB"), lattice, 9),
    hyperintensity: hyperintensities(rng.fork("hyperintensity"), lattice, ventricles, person.lesionLoad),
    depthMm: fieldInHead(anatomy.coarse, anatomy.depthMm, lattice, toAtlas),
    cut: drawCut(rng.fork("cut"), lattice),
  };
}

/** Factors on the odds of the two tissues: a thick cortex has less of both. */
function tissueOdds(
  thickness: Float32Array,
  widen: Float32Array,
  csfBase: number,
): Pick<Head, "whiteOdds" | "csfOdds"> {
  const whiteOdds = new Float32Array(thickness.length);
  const csfOdds = new Float32Array(thickness.length);
  for (let i = 0; i < thickness.length; i++) {
    const value = thickness[i] as number;
    whiteOdds[i] = Math.exp(value);
    csfOdds[i] = Math.exp(csfBase - value + CSF_ODDS.spread * (widen[i] as number));
  }
  return { whiteOdds, csfOdds };
}

/** 1 at nodes of cerebellum and brain stem, 0 elsewhere. */
function posteriorFossa(lattice: Lattice, { x, y, z }: Displacement): Float32Array {
  const { originMm, spacingMm, dims } = lattice;
  const calm = new Float32Array(nodeCount(lattice));
  let i = 0;
  for (let c = 0; c < dims[2]; c++)
    for (let b = 0; b < dims[1]; b++)
      for (let a = 0; a < dims[0]; a++, i++) {
        const ax = originMm[0] + a * spacingMm + (x[i] as number);
        const ay = originMm[1] + b * spacingMm + (y[i] as number);
        const az = originMm[2] + c * spacingMm + (z[i] as number);
        calm[i] = inPosteriorFossa(ax, ay, az) ? 1 : 0;
      }
  return calm;
}

/** A field of the lattice after its tissue has been pushed. */
function pulled(lattice: Lattice, field: Float32Array, { x, y, z }: Displacement): Float32Array {
  const { originMm, spacingMm, dims } = lattice;
  const moved = field.slice();
  let i = 0;
  for (let c = 0; c < dims[2]; c++)
    for (let b = 0; b < dims[1]; b++)
      for (let a = 0; a < dims[0]; a++, i++) {
        const dx = x[i] as number;
        const dy = y[i] as number;
        const dz = z[i] as number;
        if (Math.abs(dx) + Math.abs(dy) + Math.abs(dz) < 0.05) continue;
        const px = originMm[0] + a * spacingMm;
        const py = originMm[1] + b * spacingMm;
        const pz = originMm[2] + c * spacingMm;
        moved[i] = sampleField(lattice, field, px + dx, py + dy, pz + dz);
      }
  return moved;
}

/** How far beyond the atlas's surface a voxel of brain may lie: the coarse distance is this inexact, mm. */
export const SURFACE_MARGIN_MM = 5;

/** The box of voxels that holds the head. */
export function headBox(frame: Frame, { lattice, depthMm }: Head): VoxelBox {
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  const high: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  const [nx, ny, nz] = lattice.dims;
  for (let z = 0, start = 0; z < nz; z++)
    for (let y = 0; y < ny; y++, start += nx) {
      // The first and the last node of a row are all that the box depends on.
      let first = start;
      let last = start + nx - 1;
      while (first <= last && (depthMm[first] as number) < -SURFACE_MARGIN_MM) first++;
      while (first < last && (depthMm[last] as number) < -SURFACE_MARGIN_MM) last--;
      if (first > last) continue;
      for (const point of [nodePosition(lattice, first), nodePosition(lattice, last)])
        for (const axis of [0, 1, 2] as const) {
          low[axis] = Math.min(low[axis], point[axis]);
          high[axis] = Math.max(high[axis], point[axis]);
        }
    }
  return boxBetween(frame, low, high);
}
