import type { Rng } from "../../backend/rng";
import type { Anatomy } from "./anatomy";
import { AtlasSampler } from "./atlas-sampler";
import { sampleField, type Lattice, type Vector } from "./lattice";
import type { GrowthSeed } from "./tumour-growth";
import { MIDLINE_MM } from "./vessel-tree";
import { DisplacementReader, type Displacement } from "./displacement";

export type SeedPattern = "single" | "multifocal" | "butterfly";

/** Distance of further foci from the first, mm. */
const APART_MM = { least: 20, most: 52 } as const;

/** Cells at the start in a further focus, as a share of the first's: it lags behind and stays smaller. */
const SATELLITE_START = { least: 0.02, most: 0.6 } as const;

/** A butterfly starts in the corpus callosum: white matter this close to the midline and above this height. */
const CALLOSUM = { offsetMm: 6, aboveMm: 68, white: 0.6, wingMm: 11 } as const;

/** Starting points of a tumour's foci in the subject's space. */
export function placeSeeds(
  rng: Rng,
  anatomy: Anatomy,
  lattice: Lattice,
  warp: Displacement,
  pattern: SeedPattern,
): readonly GrowthSeed[] {
  const draw = rng.stream();
  const reader = new DisplacementReader(lattice, warp);
  const inAtlas = ([x, y, z]: Vector): Vector => {
    reader.at(x, y, z);
    return [x + reader.dx, y + reader.dy, z + reader.dz];
  };
  const find = (chance: (point: Vector) => number): Vector | undefined => {
    for (let attempt = 0; attempt < 6000; attempt++) {
      const point: Vector = [draw.uniform(52, 186), draw.uniform(42, 214), draw.uniform(28, 134)];
      const accept = draw.uniform();
      if (accept < chance(point)) return point;
    }
    return undefined;
  };
  if (pattern === "butterfly") {
    const middle = find((point) => (inCallosum(anatomy, inAtlas(point)) ? 1 : 0));
    if (middle !== undefined) return wings(middle, draw.uniform(0.15, 1));
  }
  const anywhere = (point: Vector): number => seedChance(anatomy, inAtlas(point));
  const first = find(anywhere) ?? [MIDLINE_MM + 30, 115, 90];
  const seeds: GrowthSeed[] = [{ at: first, density: 1 }];
  const foci = pattern === "multifocal" ? 2 + draw.integer(2) : 1;
  while (seeds.length < foci) {
    const at = find((point) => {
      const mm = Math.hypot(point[0] - first[0], point[1] - first[1], point[2] - first[2]);
      return mm < APART_MM.least || mm > APART_MM.most ? 0 : anywhere(point);
    });
    if (at === undefined) break;
    seeds.push({ at, density: draw.uniform(SATELLITE_START.least, SATELLITE_START.most) });
  }
  return seeds;
}

/** A seed on each side of the midline, one of them weaker. */
function wings([, y, z]: Vector, weaker: number): readonly GrowthSeed[] {
  return [
    { at: [MIDLINE_MM - CALLOSUM.wingMm, y, z], density: 1 },
    { at: [MIDLINE_MM, y, z], density: 0.6 },
    { at: [MIDLINE_MM + CALLOSUM.wingMm, y, z], density: weaker },
  ];
}

function inCallosum(anatomy: Anatomy, [x, y, z]: Vector): boolean {
  if (Math.abs(x - MIDLINE_MM) > CALLOSUM.offsetMm || z < CALLOSUM.aboveMm) return false;
  const sampler = new AtlasSampler(anatomy);
  return sampler.sample(x, y, z) && sampler.wm > CALLOSUM.white;
}

/**
 * Chance that a glioma starts at a point of the atlas: white matter of the cerebrum, most often of the temporal
 * and frontal lobes (Larjavaara et al. 2007, Neuro-Oncology 9(3)) and near the lateral ventricles (Lim et al. 2007,
 * Neuro-Oncology 9(4)), hardly ever brain stem and cerebellum.
 */
export function seedChance(anatomy: Anatomy, [x, y, z]: Vector): number {
  const sampler = new AtlasSampler(anatomy);
  if (!sampler.sample(x, y, z) || sampler.csf > 0.1) return 0;
  const offset = Math.abs(x - MIDLINE_MM);
  const stem = offset < 20 && y > 98 && z < 66;
  const cerebellum = y > 138 && z < 58;
  if (stem || cerebellum) return 0.004 * sampler.wm;
  const depth = sampleField(anatomy.coarse, anatomy.depthMm, x, y, z);
  if (depth < 4) return 0;
  const lobe = z < 72 && y < 140 ? 1 : y < 118 ? 0.75 : y > 178 ? 0.35 : 0.6;
  const midline = offset < 8 ? 0.25 : 1;
  const nearVentricle = sampleField(anatomy.coarse, anatomy.ventricles, x, y, z) > 0.04 ? 1 : 0.7;
  return lobe * midline * nearVentricle * sampler.wm * Math.min(1, sampler.wm + 0.15);
}
