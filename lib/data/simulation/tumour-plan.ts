import type { Rng } from "../../backend/rng";
import type { Anatomy } from "./anatomy";
import { AtlasSampler } from "./atlas-sampler";
import { sampleField, type Lattice, type Vector } from "./lattice";
import type { GrowthRates } from "./tumour-growth";
import { MIDLINE_MM } from "./vessel-tree";
import type { Displacement } from "./warp";

/** What is drawn about a tumour before it grows. */
export interface TumourPlan {
  /** Ring: enhancing around necrosis. Solid: enhances throughout. NonEnhancing: no barrier leak. */
  readonly kind: "ring" | "solid" | "nonEnhancing";
  /** One place a focus, mm in the subject's space. */
  readonly seeds: readonly Vector[];
  readonly rates: GrowthRates;
  /** Volume of the core before it pushes tissue aside. */
  readonly coreMl: number;
  /** Mean thickness of the living rim around necrosis, mm. */
  readonly rimMm: number;
  /** How far edema reaches along white matter, mm. */
  readonly edemaReachMm: number;
  /** Edema's spread in white over that in grey matter. */
  readonly edemaWhiteOverGrey: number;
  /** Largest displacement of tissue by the mass, mm. */
  readonly pushMm: number;
  /** Mean uptake of contrast agent in living tumour, 0..1. */
  readonly uptake: number;
  /** Share of the rim that fails to enhance, 0..1. */
  readonly patchiness: number;
  /** 0: dense, protein-rich necrosis; 1: clear cyst fluid. */
  readonly cystic: number;
}

/** Share of subjects by kind: 17 % without enhancement, 10 % without a core of necrosis. */
const KIND_LIMITS = { nonEnhancing: 0.17, solid: 0.27 } as const;

/**
 * Draws a tumour for a head.
 *
 * @param warp Where each point of the subject's space lies in the atlas.
 */
export function planTumour(rng: Rng, anatomy: Anatomy, lattice: Lattice, warp: Displacement): TumourPlan {
  const draw = rng.fork("plan").stream();
  const between = (low: number, high: number): number => draw.uniform(low, high);
  const logBetween = (low: number, high: number): number =>
    Math.exp(draw.uniform(Math.log(low), Math.log(high)));
  const kindAt = draw.uniform();
  const kind =
    kindAt < KIND_LIMITS.nonEnhancing ? "nonEnhancing" : kindAt < KIND_LIMITS.solid ? "solid" : "ring";
  const foci = draw.uniform() < 0.1 ? 2 : 1;
  const median = kind === "solid" ? 11 : 26;
  const coreMl = Math.min(55, Math.max(3, median * Math.exp(draw.normal(0, 0.65))));
  return {
    kind,
    seeds: placeSeeds(rng.fork("seeds"), anatomy, lattice, warp, foci),
    rates: {
      diffusion: logBetween(0.08, 0.3),
      whiteOverGrey: between(5, 12),
      proliferation: logBetween(0.018, 0.06),
    },
    coreMl,
    rimMm: kind === "solid" ? 30 : logBetween(2.2, 6.5),
    edemaReachMm: logBetween(8, 40),
    edemaWhiteOverGrey: between(15, 50),
    pushMm: between(0.25, 1) * 2.6 * Math.cbrt(coreMl),
    uptake: kind === "nonEnhancing" ? between(0, 0.06) : logBetween(0.35, 1),
    patchiness: draw.uniform() ** 2 * 0.55,
    cystic: draw.uniform() ** 1.6,
  };
}

/** First focus anywhere that the prior allows, further ones 18-45 mm from it. */
function placeSeeds(
  rng: Rng,
  anatomy: Anatomy,
  lattice: Lattice,
  warp: Displacement,
  foci: number,
): readonly Vector[] {
  const draw = rng.stream();
  const seeds: Vector[] = [];
  for (let attempt = 0; attempt < 5000 && seeds.length < foci; attempt++) {
    const point: Vector = [draw.uniform(55, 183), draw.uniform(45, 212), draw.uniform(32, 130)];
    const accept = draw.uniform();
    const [first] = seeds;
    const apart =
      first === undefined ? 30 : Math.hypot(point[0] - first[0], point[1] - first[1], point[2] - first[2]);
    if (apart < 18 || apart > 45) continue;
    if (accept < seedChance(anatomy, atlasPoint(lattice, warp, point))) seeds.push(point);
  }
  return seeds.length > 0 ? seeds : [[MIDLINE_MM + 30, 115, 90]];
}

/** Where a point of the subject's space lies in the atlas. */
function atlasPoint(lattice: Lattice, warp: Displacement, [x, y, z]: Vector): Vector {
  return [
    x + sampleField(lattice, warp.x, x, y, z),
    y + sampleField(lattice, warp.y, x, y, z),
    z + sampleField(lattice, warp.z, x, y, z),
  ];
}

/**
 * Chance that a glioma starts at a point of the atlas: white matter of the cerebrum, most often of the temporal
 * and frontal lobes (Larjavaara et al. 2007, Neuro-Oncology 9(3)), hardly ever brain stem and cerebellum.
 */
export function seedChance(anatomy: Anatomy, [x, y, z]: Vector): number {
  const sampler = new AtlasSampler(anatomy);
  if (!sampler.sample(x, y, z) || sampler.csf > 0.1) return 0;
  const offset = Math.abs(x - MIDLINE_MM);
  const stem = offset < 20 && y > 98 && z < 66;
  const cerebellum = y > 138 && z < 58;
  if (stem || cerebellum) return 0.004 * sampler.wm;
  const depth = sampleField(anatomy.coarse, anatomy.depthMm, x, y, z);
  if (depth < 6) return 0;
  const lobe = z < 72 && y < 140 ? 1 : y < 118 ? 0.75 : y > 178 ? 0.35 : 0.6;
  const midline = offset < 8 ? 0.25 : 1;
  return lobe * midline * sampler.wm * Math.min(1, sampler.wm + 0.15);
}
