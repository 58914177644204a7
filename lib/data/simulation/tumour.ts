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
import { DisplacementReader, type Displacement } from "./warp";

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
  const permeability = tracts.map((value) => Math.exp(Math.min(2, Math.max(-4, value))));
  const wet = spreadFluid(tissue, leaks, plan.edemaReachMm, plan.edemaWhiteOverGrey, permeability);
  const swelling = shape.map((mm, i) =>
    Math.max(1 / (1 + Math.exp(-mm)), EDEMA_SWELLING * (wet[i] as number)),
  );
  const push = massEffect(head, anatomy, warp, whole, swelling, plan.pushMm);
  const touched = (i: number): boolean =>
    (shape[i] as number) > -CORE_MARGIN_MM ||
    (wet[i] as number) > LEAST_FLUID ||
    (density[i] as number) > LEAST_DENSITY;
  const lattice = cropTo(whole, touched, plan.pushMm);
  const carry = (field: Float32Array): Float32Array => carryAlong(whole, field, head, push, lattice);
  const coreMm = carry(shape);
  return {
    plan,
    lattice,
    density: carry(density),
    coreMm,
    fluid: carry(wet),
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
  for (let i = 0; i < count; i++) {
    const [x, y, z] = nodePosition(lattice, i);
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
  return distance.map((mm, i) => mm + (Math.abs(mm) < 12 ? (rough[i] as number) : 0));
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
        const at = [x, y, z] as const;
        for (const axis of [0, 1, 2] as const) {
          low[axis] = Math.min(low[axis], at[axis]);
          high[axis] = Math.max(high[axis], at[axis]);
        }
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

/** A field carried along by the displacement of the tissue it lies in, at the nodes of another lattice. */
function carryAlong(
  from: Lattice,
  field: Float32Array,
  head: Lattice,
  push: Displacement,
  to: Lattice,
): Float32Array {
  const origin = new DisplacementReader(head, push);
  return Float32Array.from({ length: nodeCount(to) }, (_, i) => {
    const [x, y, z] = nodePosition(to, i);
    origin.at(x, y, z);
    return sampleField(from, field, x + origin.dx, y + origin.dy, z + origin.dz);
  });
}
