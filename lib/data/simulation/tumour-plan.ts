import type { Rng, RngStream } from "../../backend/rng";
import type { Anatomy } from "./anatomy";
import type { Lattice } from "./lattice";
import type { SimulationTraits } from "./simulation-version";
import type { GrowthRates, GrowthSeed } from "./tumour-growth";
import { placeSeeds, type SeedPattern } from "./tumour-seeds";
import type { Displacement } from "./displacement";

/** What is drawn about a tumour before it grows. */
export interface TumourPlan {
  /** Ring: enhances around necrosis. Solid: enhances throughout. NonEnhancing: no or hardly any leak. */
  readonly kind: "ring" | "solid" | "nonEnhancing";
  /** One focus, several, or one that crosses the corpus callosum. */
  readonly pattern: SeedPattern;
  readonly seeds: readonly GrowthSeed[];
  readonly rates: GrowthRates;
  /** Whether cells spread along the walls of the ventricles. */
  readonly subependymal: boolean;
  /** Volume of the core before it pushes tissue aside, mL. */
  readonly coreMl: number;
  /** Mean thickness of tumour that does not enhance outside of the part that does, mm; below 0: only in places. */
  readonly coatMm: number;
  /** Mean thickness of the living rim around necrosis, mm. */
  readonly rimMm: number;
  /** Width of the transition between the core and what surrounds it, mm. */
  readonly borderMm: number;
  /** Share of the voxel that cells beyond the core's border take up next to it, 0..1. */
  readonly infiltration: number;
  /** Distance over which edema fades to 1/e in a plane of white matter, mm; around a ball, in less. */
  readonly edemaReachMm: number;
  /** Edema's spread in white over that in grey matter. */
  readonly edemaWhiteOverGrey: number;
  /** Log standard deviation of white matter's permeability between tracts: 0 gives round edema, 1.5 fingers. */
  readonly edemaFingers: number;
  /** Largest displacement of tissue by the mass, mm. */
  readonly pushMm: number;
  /** Mean uptake of contrast agent in living tumour, 1: that of GADOLINIUM_MM. */
  readonly uptake: number;
  /** Share of the rim that fails to enhance, 0..1. */
  readonly patchiness: number;
  /** 0: dense, protein-rich necrosis; 1: clear cyst fluid. */
  readonly cystic: number;
  /** Share of the necrosis that has turned to a cavity of clear fluid, 0..1; 0 in most. */
  readonly cavity: number;
  /** Share of the core that holds old blood, 0..1; 0 in most. */
  readonly bleeding: number;
}

/**
 * Shares of subjects by kind, our choice. BraTS 2020 has 76 lower-grade gliomas among 369, of which some enhance; the
 * shares of necrosis and enhancement differ widely (Gutman et al. 2013, Radiology 267(2)).
 */
const NON_ENHANCING_SHARE = 0.07;
const SOLID_SHARE = 0.13;

/** Several foci in 13 % (Patil et al. 2012, J Neurosurg 117(4)); across the corpus callosum in some, whose share is our choice. */
const MULTIFOCAL_SHARE = 0.12;
const BUTTERFLY_SHARE = 0.04;

/** Cells that spread along the ventricles' wall: it was touched by 30 of 53 glioblastomas (Lim et al. 2007, Neuro-Oncology 9(4)). */
const SUBEPENDYMAL_SHARE = 0.4;

/** Blood products within the tumour; microscopic ones are more frequent, those seen without T2* are few. */
const BLEEDING_SHARE = 0.14;

/** Median and log standard deviation of the core's volume, mL, and its limits. */
const CORE_ML = { ring: 24, solid: 8, nonEnhancing: 26, spread: 0.85, least: 1, most: 65 } as const;

/** Edema's reach, mm: median, log standard deviation; a share of tumours has next to none. */
const EDEMA_REACH_MM = { median: 26, nonEnhancing: 13, spread: 0.8, least: 2, most: 90 } as const;
const DRY_SHARE = 0.06;

/** Largest displacement of tissue: `ofRadius` times the radius of a ball of the core's volume, times a draw. */
const PUSH = { ofRadius: 0.62, least: 0.12, most: 0.85 } as const;

/** The rim is at most this share of a small tumour's radius; in a solid tumour, mm, it is all. */
const RIM = { ofRadius: 0.7, solidMm: 30 } as const;

/** Mean thickness of the coat that does not enhance, mm: most tumours have it in places only. */
const COAT_MM = { mean: -3.2, solid: -4, spread: 2.2 } as const;

/** A low diffusion gives nodular tumours, a high one infiltrative ones; ranges of ours. */
const DIFFUSION = { least: 0.08, most: 0.35 } as const;
const PROLIFERATION = { least: 0.018, most: 0.06 } as const;

/** Largest share of the rim that fails to enhance; most have far less. */
const MOST_PATCHY = 0.35;

/** Draws a tumour for a head. @param warp Where each point of the subject's space lies in the atlas. */
export function planTumour(
  rng: Rng,
  anatomy: Anatomy,
  lattice: Lattice,
  warp: Displacement,
  traits: SimulationTraits,
): TumourPlan {
  const draw = rng.fork("plan").stream();
  const kind = pick(draw.uniform(), { nonEnhancing: NON_ENHANCING_SHARE, solid: SOLID_SHARE }, "ring");
  const pattern = pick(
    draw.uniform(),
    { butterfly: BUTTERFLY_SHARE, multifocal: MULTIFOCAL_SHARE },
    "single",
  );
  const coreMl = Math.min(
    CORE_ML.most,
    Math.max(CORE_ML.least, CORE_ML[kind] * Math.exp(draw.normal(0, CORE_ML.spread))),
  );
  const radiusMm = Math.cbrt((3 * 1000 * coreMl) / (4 * Math.PI));
  return {
    kind,
    pattern,
    seeds: placeSeeds(rng.fork("seeds"), anatomy, lattice, warp, pattern),
    rates: {
      diffusion: logUniform(draw, DIFFUSION),
      whiteOverGrey: draw.uniform(5, 14),
      proliferation: logUniform(draw, PROLIFERATION),
    },
    subependymal: draw.uniform() < SUBEPENDYMAL_SHARE,
    coreMl,
    pushMm: draw.uniform(PUSH.least, PUSH.most) * PUSH.ofRadius * radiusMm,
    ...planCore(draw, kind, radiusMm, traits),
    ...planEdema(draw, kind),
    cavity: drawCavity(rng.fork("cavity"), kind, traits),
  };
}

type Kind = TumourPlan["kind"];
type CorePlan = Pick<
  TumourPlan,
  "coatMm" | "rimMm" | "borderMm" | "infiltration" | "uptake" | "patchiness" | "cystic" | "bleeding"
>;
type EdemaPlan = Pick<TumourPlan, "edemaReachMm" | "edemaWhiteOverGrey" | "edemaFingers">;

function planCore(
  draw: RngStream,
  kind: Kind,
  radiusMm: number,
  { rimMm: rim, uptake }: SimulationTraits,
): CorePlan {
  const diffuse = kind === "nonEnhancing" ? 1 : draw.uniform();
  const rimMm = Math.min(RIM.ofRadius * radiusMm, logUniform(draw, rim));
  const bleeds = draw.uniform() < BLEEDING_SHARE;
  return {
    coatMm: draw.normal(kind === "solid" ? COAT_MM.solid : COAT_MM.mean, COAT_MM.spread),
    rimMm: kind === "solid" ? RIM.solidMm : Math.max(rim.thinnest, rimMm),
    borderMm: 1.6 + 4 * diffuse ** 2,
    infiltration: draw.uniform(0.1, 0.45),
    uptake: kind === "nonEnhancing" ? uptake.nonEnhancing * draw.uniform() ** 1.5 : logUniform(draw, uptake),
    patchiness: draw.uniform() ** 2 * MOST_PATCHY,
    cystic: draw.uniform() ** 1.8,
    bleeding: bleeds ? draw.uniform(0.05, 0.35) : 0,
  };
}

/** Liquefied necrosis and cysts: in some of the tumours that have necrosis at all (Gutman et al. 2013, Radiology 267(2)). */
function drawCavity(rng: Rng, kind: Kind, { cavity }: SimulationTraits): number {
  const draw = rng.stream();
  return kind === "ring" && draw.uniform() < cavity.share ? draw.uniform(cavity.least, 1) : 0;
}

function planEdema(draw: RngStream, kind: Kind): EdemaPlan {
  const { median, nonEnhancing, spread, least, most } = EDEMA_REACH_MM;
  const dry = draw.uniform() < DRY_SHARE;
  const middle = kind === "nonEnhancing" ? nonEnhancing : median;
  const reach = Math.min(most, Math.max(least, middle * Math.exp(draw.normal(0, spread))));
  return {
    edemaReachMm: dry ? draw.uniform(0.4, 1) * least : reach,
    edemaWhiteOverGrey: draw.uniform(15, 60),
    edemaFingers: draw.uniform(0.6, 1.6),
  };
}

/** The name on whose share of 0..1 a uniform draw falls, in their order; `rest` beyond the last. */
function pick<T extends string, R extends string>(
  at: number,
  shares: Readonly<Record<T, number>>,
  rest: R,
): T | R {
  let sum = 0;
  for (const [name, share] of Object.entries(shares) as [T, number][]) {
    sum += share;
    if (at < sum) return name;
  }
  return rest;
}

function logUniform(
  draw: RngStream,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  return Math.exp(draw.uniform(Math.log(least), Math.log(most)));
}
