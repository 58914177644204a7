import type { Sequence } from "../../shape";
import type { VisibleLimits } from "./rater";
import type { Tissue, TissueParameters } from "./tissue-parameters";

/** Versions of the simulation that this program makes. Both are frozen: any change of their bytes is a new version. */
export const COHORT_VERSIONS = ["2", "3"] as const;
export type CohortVersion = (typeof COHORT_VERSIONS)[number];

/** What cohorts are made with where no other is asked for: the one that the shipped weights have learnt. */
export const DEFAULT_VERSION = "3" satisfies CohortVersion;

/** What differs between the versions; all else is one for all. */
export interface SimulationTraits {
  /** Uptake of contrast agent where tumours enhance, from least to most, and where they do not; 1: that of GADOLINIUM_MM. */
  readonly uptake: { readonly least: number; readonly most: number; readonly nonEnhancing: number };
  /** Range of the living rim's mean thickness, mm, and what the tumour's size leaves of it at least. */
  readonly rimMm: { readonly least: number; readonly most: number; readonly thinnest: number };
  /** Share of tumours with necrosis in which it has turned to a cavity of clear fluid, and least share of it that has. */
  readonly cavity: { readonly share: number; readonly least: number };
  /** Fluid at which tissue begins to look wet, and the further amount at which it is waterlogged. */
  readonly edema: { readonly onset: number; readonly range: number };
  /** Grey matter takes up this share of the fluid that white matter does: edema spares the cortex. */
  readonly greyUptake: number;
  /** Limits of the annotation before any rater, and of the CSF that raters paint over. */
  readonly limits: VisibleLimits;
  readonly raterCsf: { readonly least: number; readonly most: number };
  /** Vessels in the sulci: how fast their share falls off their axis, and its most by the share of CSF around and by itself. */
  readonly smallVessels: { readonly fallOff: number; readonly ofCsf: number; readonly most: number };
  /** Shreds of dura that skull stripping leaves: standard deviations of a smooth field above which there are any, and their share for each one more. */
  readonly dura: { readonly above: number; readonly strength: number };
  /** Full width at half depth of a sulcus without atrophy, mm. */
  readonly sulcusMm: number;
  /** Factors on the signal over noise of a sequence, and on the blur of every scan's matrix. */
  readonly signalToNoise: Readonly<Record<Sequence, number>>;
  readonly blur: number;
  /** Tissues whose relaxation differs from TISSUE_MEANS. */
  readonly tissues: Readonly<Partial<Record<Tissue, TissueParameters>>>;
}

/**
 * Version 3 takes up what four real patients of BraTS 2015 showed beside version 2: walls that enhance less,
 * cavities that are as dark as CSF, edema with clearer borders that spares the cortex, more enhancing vessels and dura,
 * less contrast of the cortex on FLAIR, images that are less smooth. The effects have sources where their parts are; the
 * values were chosen by us.
 */
const TRAITS: Readonly<Record<CohortVersion, SimulationTraits>> = {
  "2": {
    uptake: { least: 0.68, most: 1.4, nonEnhancing: 0.12 },
    rimMm: { least: 3.3, most: 9, thinnest: 2.2 },
    cavity: { share: 0, least: 1 },
    edema: { onset: 0.06, range: 0.33 },
    limits: { uptake: 0.22, wetness: 0.33, csf: 0.5 },
    raterCsf: { least: 0.5, most: 0.8 },
    greyUptake: 0.35,
    smallVessels: { fallOff: 30, ofCsf: 1.5, most: 0.8 },
    dura: { above: 1.1, strength: 0.5 },
    sulcusMm: 0.9,
    signalToNoise: { t1w: 1, t1wGd: 1, t2w: 1, flair: 1 },
    blur: 1,
    tissues: {},
  },
  "3": {
    uptake: { least: 0.55, most: 1.15, nonEnhancing: 0.12 },
    rimMm: { least: 3.3, most: 9.2, thinnest: 2.2 },
    cavity: { share: 0.35, least: 0.7 },
    edema: { onset: 0.13, range: 0.08 },
    limits: { uptake: 0.22, wetness: 0.5, csf: 0.45 },
    raterCsf: { least: 0.4, most: 0.7 },
    greyUptake: 0.25,
    smallVessels: { fallOff: 14, ofCsf: 2, most: 0.9 },
    dura: { above: 0.5, strength: 0.5 },
    sulcusMm: 0.6,
    signalToNoise: { t1w: 0.6, t1wGd: 0.6, t2w: 0.6, flair: 0.45 },
    blur: 0.5,
    tissues: {
      gm: { t1: 1420, t2: 92, pd: 0.83 },
      edema: { t1: 1550, t2: 195, pd: 0.83 },
      tumour: { t1: 1480, t2: 145, pd: 0.85 },
      necrosisDense: { t1: 1700, t2: 215, pd: 0.89 },
      necrosisFluid: { t1: 2600, t2: 500, pd: 0.98 },
    },
  },
};

/** The traits of a version. */
export function traitsOf(version: CohortVersion): SimulationTraits {
  return TRAITS[version];
}
