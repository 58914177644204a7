import type { Rng } from "../../backend/rng";

/** What the signal equations need of a tissue at 3 T. */
export interface TissueParameters {
  /** Longitudinal relaxation, ms. */
  readonly t1: number;
  /** Transverse relaxation, ms. */
  readonly t2: number;
  /** Proton density, water = 1. */
  readonly pd: number;
}

/** Tissues in the order of the fractions of a voxel. */
export const TISSUES = [
  "csf",
  "gm",
  "wm",
  "vessel",
  "edema",
  "tumour",
  "necrosisDense",
  "necrosisFluid",
  "fat",
  "bloodProducts",
  "cavityFluid",
] as const;
export type Tissue = (typeof TISSUES)[number];

/**
 * Means at 3 T, chosen by us among published values. Grey and white matter: T1 1331 and 832 ms, T2 110 and 80 ms (Wansapura et al. 1999, JMRI 9(4));
 * 1820 and 1084 ms, 99 and 69 ms (Stanisz et al. 2005, MRM 54(3)); ranges of 1300-1800 and 750-1100 ms
 * (Bojorquez et al. 2017, MRI 35). CSF: T1 some 4.2 s (Bojorquez et al. 2017). Blood: T1 1932 ms (Stanisz et
 * al. 2005); its T2 stands for the flow void of arteries. Edema, tumour, necrosis: such that
 * contrasts are those of BraTS; relaxometry of gliomas (Hattingen et al. 2013, Neuro-Oncology 15(10); Blystad et al. 2020,
 * Sci Rep 10, doi 10.1038/s41598-020-75105-6) finds tumour and edema alike in T2. Fat of the skull: T1 382 ms, T2 68 ms (Gold et al. 2004,
 * AJR 183(2)). Blood products: methaemoglobin, bright on T1 and dark on T2 (Bradley 1993,
 * Radiology 189(1)). Cavities hold a fluid whose relaxation nears that of CSF. Proton densities: Mezer et al. 2013, Nat Med 19(12).
 */
export const TISSUE_MEANS: Readonly<Record<Tissue, TissueParameters>> = {
  csf: { t1: 4200, t2: 1500, pd: 1 },
  gm: { t1: 1420, t2: 100, pd: 0.83 },
  wm: { t1: 900, t2: 76, pd: 0.71 },
  vessel: { t1: 1932, t2: 45, pd: 0.8 },
  edema: { t1: 1550, t2: 250, pd: 0.83 },
  tumour: { t1: 1480, t2: 180, pd: 0.85 },
  necrosisDense: { t1: 1740, t2: 380, pd: 0.89 },
  necrosisFluid: { t1: 2680, t2: 600, pd: 0.98 },
  fat: { t1: 380, t2: 68, pd: 0.95 },
  bloodProducts: { t1: 620, t2: 52, pd: 0.85 },
  cavityFluid: { t1: 3700, t2: 1100, pd: 1 },
};

/**
 * Powers of the field with which T1 grows (Rooney et al. 2007, MRM 57(2), for grey and white matter and blood; free
 * water's does not). Tumour, edema and necrosis lie between tissue and water. T2 hardly changes from 1.5 to 3 T
 * (Stanisz et al. 2005).
 */
const FIELD_POWER: Readonly<Record<Tissue, number>> = {
  csf: 0,
  gm: 0.376,
  wm: 0.382,
  vessel: 0.34,
  edema: 0.3,
  tumour: 0.3,
  necrosisDense: 0.2,
  necrosisFluid: 0.1,
  fat: 0.2,
  bloodProducts: 0.3,
  cavityFluid: 0,
};

/** Share by which one patient's relaxation times differ from another's; larger in diseased tissue. */
const HEALTHY_SPREAD = 0.03;
const DISEASED_SPREAD = 0.12;

/** Relaxivity of gadolinium chelates in plasma at 3 T, 1/(mM s): 3.0-5.0 (Szomolanyi et al. 2019, Invest Radiol 54(9)). */
const RELAXIVITY_PER_MM_S = 4.2;

/** Concentrations at imaging time, mM: in blood, and in tumour at full uptake. */
export const GADOLINIUM_MM = { blood: 0.75, tumour: 0.6 } as const;

/**
 * One patient's tissues.
 *
 * @param tesla Strength of the field that they are scanned in.
 * @param means Where a version of the simulation differs from TISSUE_MEANS.
 */
export function drawTissues(
  rng: Rng,
  tesla = 3,
  means: Readonly<Partial<Record<Tissue, TissueParameters>>> = {},
): Readonly<Record<Tissue, TissueParameters>> {
  const entries = TISSUES.map((tissue) => {
    const draw = rng.fork(tissue).stream();
    const healthy =
      tissue === "csf" || tissue === "gm" || tissue === "wm" || tissue === "vessel" || tissue === "fat";
    const factor = (): number => Math.exp(draw.normal(0, healthy ? HEALTHY_SPREAD : DISEASED_SPREAD));
    const { t1, t2, pd } = means[tissue] ?? TISSUE_MEANS[tissue];
    return [
      tissue,
      { t1: t1 * (tesla / 3) ** FIELD_POWER[tissue] * factor(), t2: t2 * factor(), pd },
    ] as const;
  });
  return Object.fromEntries(entries) as Record<Tissue, TissueParameters>;
}

/**
 * A tissue that holds contrast agent: 1/T1 grows by relaxivity times concentration.
 *
 * @param concentrationMm mmol per litre.
 */
export function withGadolinium(tissue: TissueParameters, concentrationMm: number): TissueParameters {
  return { ...tissue, t1: 1 / (1 / tissue.t1 + (RELAXIVITY_PER_MM_S * concentrationMm) / 1000) };
}
