import type { Rng } from "../../backend/rng";
import type { Anatomy } from "./anatomy";
import { AtlasSampler } from "./atlas-sampler";
import { latticeOver, nodeCount, nodePosition, sampleField, type Lattice, type Vector } from "./lattice";
import { massEffect } from "./mass-effect";
import { signedDistance } from "./signed-distance";
import { layeredNoise, smoothNoise } from "./smooth-noise";
import { CORE_DENSITY, growTumour, spreadFluid, type GrowthTissue } from "./tumour-growth";
import { planTumour, type TumourPlan } from "./tumour-plan";
import { MIDLINE_MM } from "./vessel-tree";
import { DisplacementReader, type Displacement } from "./warp";

/** A grown tumour in its subject's deformed head; fields on `lattice`, one value a node. */
export interface Tumour {
  readonly plan: TumourPlan;
  readonly lattice: Lattice;
  /** Distance inside the core's border, mm, negative outside. */
  readonly coreMm: Float32Array;
  /** Distance inside the necrosis, mm, negative outside. */
  readonly necrosisMm: Float32Array;
  /** Fluid and infiltrating cells around the core, 0..1. */
  readonly fluid: Float32Array;
  /** Uptake of contrast agent where there is living tumour, 0..1. */
  readonly uptake: Float32Array;
  /** Composition of necrosis and solid tumour, about -1..1: dense to fluid. */
  readonly texture: Float32Array;
  /** Where healthy tissue came from: node of the head's lattice to its place before the mass grew. */
  readonly push: Displacement;
}

const SPACING_MM = 2.5;

/** Half the edge of the cube in which a tumour may grow, mm. */
const REACH_MM = 60;

/** Grows a tumour in a head and pushes the head aside. */
export function makeTumour(rng: Rng, anatomy: Anatomy, head: Lattice, warp: Displacement): Tumour {
  const plan = planTumour(rng, anatomy, head, warp);
  const tissue = growthTissue(anatomy, head, warp, centreOf(plan.seeds));
  const { lattice } = tissue;
  const density = growTumour(tissue, plan.seeds, plan.rates, plan.coreMl);
  const shape = coreDistance(rng.fork("shape"), lattice, density);
  const core = shape.map((mm) => 1 / (1 + Math.exp(-mm)));
  const fluid = spreadFluid(
    tissue,
    (i) => (shape[i] as number) > 0,
    plan.edemaReachMm,
    plan.edemaWhiteOverGrey,
  );
  // Cells beyond the border raise the water content too, less than the leak does.
  for (let i = 0; i < fluid.length; i++)
    fluid[i] = Math.max(fluid[i] as number, 0.7 * (density[i] as number));
  const push = massEffect(head, anatomy, warp, lattice, core, plan.pushMm);
  const coreMm = carry(lattice, shape, head, push);
  return {
    plan,
    lattice,
    coreMm,
    necrosisMm: necrosisDistance(rng.fork("rim"), lattice, coreMm, plan),
    fluid: carry(lattice, fluid, head, push),
    uptake: uptakeField(rng.fork("uptake"), lattice, plan),
    texture: layeredNoise(rng.fork("texture"), lattice, [
      { controlMm: 10, deviation: 0.4 },
      { controlMm: 4, deviation: 0.25 },
    ]),
    push,
  };
}

function centreOf(seeds: readonly Vector[]): Vector {
  const mean = (axis: 0 | 1 | 2): number => seeds.reduce((sum, seed) => sum + seed[axis], 0) / seeds.length;
  return [mean(0), mean(1), mean(2)];
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
    gm[i] = atlas.gm;
    wm[i] = atlas.wm;
  }
  return { lattice, gm, wm };
}

/** Distance inside the core: its border follows the cell density, roughened as borders of gliomas are. */
function coreDistance(rng: Rng, lattice: Lattice, density: Float32Array): Float32Array {
  const distance = signedDistance(lattice, density, CORE_DENSITY);
  const rough = layeredNoise(rng, lattice, [
    { controlMm: 13, deviation: 2.4 },
    { controlMm: 6, deviation: 1 },
  ]);
  // No new islands far from the tumour.
  return distance.map((mm, i) => mm + (Math.abs(mm) < 12 ? (rough[i] as number) : 0));
}

/** A field carried along by the displacement of the tissue it lies in. */
function carry(lattice: Lattice, field: Float32Array, head: Lattice, push: Displacement): Float32Array {
  const origin = new DisplacementReader(head, push);
  return field.map((_, i) => {
    const [x, y, z] = nodePosition(lattice, i);
    origin.at(x, y, z);
    return sampleField(lattice, field, x + origin.dx, y + origin.dy, z + origin.dz);
  });
}

/** Necrosis is what lies deeper than the rim, whose thickness varies around the tumour. */
function necrosisDistance(rng: Rng, lattice: Lattice, coreMm: Float32Array, plan: TumourPlan): Float32Array {
  const variation = layeredNoise(rng, lattice, [
    { controlMm: 16, deviation: 0.4 },
    { controlMm: 6, deviation: 0.3 },
  ]);
  return coreMm.map((mm, i) => mm - plan.rimMm * Math.exp(variation[i] as number));
}

/** Uptake around the plan's mean, with patches where the barrier still holds. */
function uptakeField(rng: Rng, lattice: Lattice, plan: TumourPlan): Float32Array {
  const strength = smoothNoise(rng.fork("strength"), lattice, 8);
  const patches = smoothNoise(rng.fork("patches"), lattice, 12);
  // The threshold at which a normal field covers the patchy share of space, by the logistic approximation.
  const share = Math.min(0.98, Math.max(0.005, plan.patchiness));
  const threshold = Math.log(share / (1 - share)) / 1.7;
  return strength.map((value, i) => {
    const open = 1 / (1 + Math.exp(-6 * ((patches[i] as number) - threshold)));
    return plan.uptake * open * Math.min(1.5, Math.exp(0.3 * value));
  });
}
