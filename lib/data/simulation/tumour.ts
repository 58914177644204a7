import type { Rng } from "../../backend/rng";
import type { Anatomy } from "./anatomy";
import { AtlasSampler } from "./atlas-sampler";
import { latticeOver, nodeCount, nodePosition, sampleField, type Lattice, type Vector } from "./lattice";
import { massEffect } from "./mass-effect";
import { signedDistance } from "./signed-distance";
import type { SimulationTraits } from "./simulation-version";
import { layeredNoise } from "./smooth-noise";
import type { GrowthTissue } from "./tumour-conductance";
import { spreadFluid } from "./tumour-edema";
import { CORE_DENSITY, growTumour } from "./tumour-growth";
import { drawParts, type TumourParts } from "./tumour-parts";
import { planTumour, type TumourPlan } from "./tumour-plan";
import { MIDLINE_MM } from "./vessel-tree";
import { DisplacementReader, type Displacement } from "./displacement";

/** A grown tumour in its subject's deformed head; fields on `lattice`, one value a node. */
export interface Tumour extends TumourParts {
  readonly plan: TumourPlan;
  /** Nodes around the tumour and its edema; there is nothing of them beyond. */
  readonly lattice: Lattice;
  /** Tumour cells as a share of the carrying capacity, 0..1; it goes on beyond the core's border. */
  readonly density: Float32Array;
  /** Distance inside the core's border, mm, negative outside. */
  readonly coreMm: Float32Array;
  /** Fluid that leaked into the tissue around the core, 0..1. */
  readonly fluid: Float32Array;
  /** Where tissue came from: node of the head's lattice to its place before the mass grew. */
  readonly push: Displacement;
}

const SPACING_MM = 2.5;

/** Half the edge of the cube in which a tumour may grow, mm. */
const REACH_MM = 60;

/** Roughness of the core's border: standard deviation and distance of the bumps, mm. */
const BORDER_ROUGHNESS = [
  { controlMm: 14, deviation: 2.4 },
  { controlMm: 6, deviation: 1.1 },
] as const;

/** Fluid and distance from the core beyond which there is nothing to paint. */
const LEAST_FLUID = 0.03;
const LEAST_DENSITY = 0.03;
const CORE_MARGIN_MM = 8;

/** How much edema swells its tissue, as a share of what tumour does. */
const EDEMA_SWELLING = 0.25;

/** Grows a tumour in a head and pushes the head aside. */
export function makeTumour(
  rng: Rng,
  anatomy: Anatomy,
  head: Lattice,
  warp: Displacement,
  traits: SimulationTraits,
): Tumour {
  const plan = planTumour(rng, anatomy, head, warp, traits);
  const tissue = growthTissue(anatomy, head, warp, centreOf(plan.seeds.map(({ at }) => at)));
  const whole = tissue.lattice;
  const density = growTumour(
    plan.subependymal ? openWalls(tissue, anatomy, head, warp) : tissue,
    plan.seeds,
    plan.rates,
    plan.coreMl,
  );
  const shape = coreDistance(rng.fork("shape"), whole, density);
  const tracts = layeredNoise(rng.fork("tracts"), whole, [
    { controlMm: 12, deviation: plan.edemaFingers },
    { controlMm: 6, deviation: 0.8 * plan.edemaFingers },
  ]);
  const leaks = (node: number): boolean => (shape[node] as number) > 0;
  const permeability = new Float32Array(tracts.length);
  for (let i = 0; i < tracts.length; i++)
    permeability[i] = Math.exp(Math.min(2, Math.max(-4, tracts[i] as number)));
  const wet = spreadFluid(tissue, leaks, plan.edemaReachMm, plan.edemaWhiteOverGrey, permeability);
  const swelling = new Float32Array(shape.length);
  for (let i = 0; i < shape.length; i++)
    swelling[i] = Math.max(1 / (1 + Math.exp(-(shape[i] as number))), EDEMA_SWELLING * (wet[i] as number));
  const push = massEffect(head, anatomy, warp, whole, swelling, plan.pushMm);
  const touched = (i: number): boolean =>
    (shape[i] as number) > -CORE_MARGIN_MM ||
    (wet[i] as number) > LEAST_FLUID ||
    (density[i] as number) > LEAST_DENSITY;
  const lattice = cropTo(whole, touched, plan.pushMm);
  const [coreMm, carriedDensity, fluid] = carryAlong(whole, [shape, density, wet], head, push, lattice);
  return {
    plan,
    lattice,
    density: carriedDensity,
    coreMm,
    fluid,
    push,
    ...drawParts(rng.fork("parts"), lattice, coreMm, plan),
  };
}

function centreOf(points: readonly Vector[]): Vector {
  const middle = (axis: 0 | 1 | 2): number => {
    const places = points.map((point) => point[axis]);
    return (Math.min(...places) + Math.max(...places)) / 2;
  };
  return [middle(0), middle(1), middle(2)];
}

/** Grey and white matter around a point; the falx between the hemispheres is closed except where white crosses. */
function growthTissue(anatomy: Anatomy, head: Lattice, warp: Displacement, centre: Vector): GrowthTissue {
  const low = centre.map((at) => Math.round(at) - REACH_MM) as [number, number, number];
  const high = centre.map((at) => Math.round(at) + REACH_MM) as [number, number, number];
  const lattice = latticeOver(low, high, SPACING_MM);
  const count = nodeCount(lattice);
  const gm = new Float32Array(count);
  const wm = new Float32Array(count);
  const atlas = new AtlasSampler(anatomy);
  const toAtlas = new DisplacementReader(head, warp);
  const { originMm, dims } = lattice;
  let i = -1;
  for (let c = 0; c < dims[2]; c++)
    for (let b = 0; b < dims[1]; b++)
      for (let a = 0; a < dims[0]; a++) {
        i++;
        const x = originMm[0] + a * SPACING_MM;
        const y = originMm[1] + b * SPACING_MM;
        const z = originMm[2] + c * SPACING_MM;
        toAtlas.at(x, y, z);
        if (!atlas.sample(x + toAtlas.dx, y + toAtlas.dy, z + toAtlas.dz)) continue;
        if (Math.abs(x + toAtlas.dx - MIDLINE_MM) < 1.6 && atlas.wm < 0.6) continue;
        // Sharpened as the voxels are, so that what follows white matter stays out of the cortex.
        const grey = atlas.gm ** 3;
        const white = atlas.wm ** 3;
        const scale = (atlas.gm + atlas.wm) / (grey + white + 1e-9);
        gm[i] = scale * grey;
        wm[i] = scale * white;
      }
  return { lattice, gm, wm };
}

/** Lets cells advance along the walls of the ventricles as fast as in white matter. */
function openWalls(tissue: GrowthTissue, anatomy: Anatomy, head: Lattice, warp: Displacement): GrowthTissue {
  const toAtlas = new DisplacementReader(head, warp);
  const gm = tissue.gm.slice();
  const wm = tissue.wm.map((white, i) => {
    if (gm[i] === 0) return white;
    const [x, y, z] = nodePosition(tissue.lattice, i);
    toAtlas.at(x, y, z);
    const wall = Math.min(
      1,
      6 * sampleField(anatomy.coarse, anatomy.ventricles, x + toAtlas.dx, y + toAtlas.dy, z + toAtlas.dz),
    );
    const opened = wall * (gm[i] as number);
    gm[i] = (gm[i] as number) - opened;
    return white + opened;
  });
  return { lattice: tissue.lattice, gm, wm };
}

/** Distance inside the core: its border follows the cell density, roughened as borders of gliomas are. */
function coreDistance(rng: Rng, lattice: Lattice, density: Float32Array): Float32Array {
  const distance = signedDistance(lattice, density, CORE_DENSITY);
  const rough = layeredNoise(rng, lattice, BORDER_ROUGHNESS);
  // No new islands far from the tumour.
  for (let i = 0; i < distance.length; i++) {
    const mm = distance[i] as number;
    if (Math.abs(mm) < 12) distance[i] = mm + (rough[i] as number);
  }
  return distance;
}

/** The smallest part of a lattice that holds all the nodes asked for, and a margin. */
function cropTo(
  { originMm, spacingMm, dims }: Lattice,
  wanted: (node: number) => boolean,
  marginMm: number,
): Lattice {
  const low: [number, number, number] = [...dims];
  const high: [number, number, number] = [0, 0, 0];
  for (let z = 0, i = 0; z < dims[2]; z++)
    for (let y = 0; y < dims[1]; y++)
      for (let x = 0; x < dims[0]; x++, i++) {
        if (!wanted(i)) continue;
        if (x < low[0]) low[0] = x;
        if (y < low[1]) low[1] = y;
        if (z < low[2]) low[2] = z;
        if (x > high[0]) high[0] = x;
        if (y > high[1]) high[1] = y;
        if (z > high[2]) high[2] = z;
      }
  const margin = Math.ceil(marginMm / spacingMm) + 1;
  const first = (axis: 0 | 1 | 2): number => Math.max(0, low[axis] - margin);
  const count = (axis: 0 | 1 | 2): number =>
    Math.max(2, Math.min(dims[axis], high[axis] + margin + 1) - first(axis));
  const start = (axis: 0 | 1 | 2): number => originMm[axis] + spacingMm * first(axis);
  return {
    originMm: [start(0), start(1), start(2)],
    spacingMm,
    dims: [count(0), count(1), count(2)],
  };
}

/** Fields carried along by the displacement of the tissue they lie in, at the nodes of another lattice. */
function carryAlong(from: Lattice, fields: Fields3, head: Lattice, push: Displacement, to: Lattice): Fields3 {
  const origin = new DisplacementReader(head, push);
  const { originMm, spacingMm, dims } = to;
  const field = (): Float32Array => new Float32Array(nodeCount(to));
  const carried: Fields3 = [field(), field(), field()];
  let i = 0;
  for (let c = 0; c < dims[2]; c++)
    for (let b = 0; b < dims[1]; b++)
      for (let a = 0; a < dims[0]; a++, i++) {
        const x = originMm[0] + a * spacingMm;
        const y = originMm[1] + b * spacingMm;
        const z = originMm[2] + c * spacingMm;
        origin.at(x, y, z);
        for (let k = 0; k < 3; k++)
          (carried[k] as Float32Array)[i] = sampleField(
            from,
            fields[k] as Float32Array,
            x + origin.dx,
            y + origin.dy,
            z + origin.dz,
          );
      }
  return carried;
}

type Fields3 = readonly [Float32Array, Float32Array, Float32Array];
