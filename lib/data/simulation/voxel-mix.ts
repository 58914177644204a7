import type { AtlasSampler } from "./atlas-sampler";
import type { SignalTable } from "./signal-table";
import { TISSUES, type Tissue } from "./tissue-parameters";

const place = (tissue: Tissue): number => TISSUES.indexOf(tissue);
const CSF = place("csf");
const GM = place("gm");
const WM = place("wm");
const VESSEL = place("vessel");
const EDEMA = place("edema");
const TUMOUR = place("tumour");
const DENSE = place("necrosisDense");
const FLUID = place("necrosisFluid");
const FAT = place("fat");
const BLOOD = place("bloodProducts");
const CAVITY = place("cavityFluid");

/** Width of the border between living tumour and necrosis, and of the enhancing part's outer border, mm. */
const NECROSIS_BORDER_MM = 2.2;
const ENHANCING_BORDER_MM = 1.8;

/** Near its border, mm, the core stops at CSF; deeper, sulci are filled. */
const FILLED_DEPTH_MM = 4;

/** What the core is like at a point. */
export interface CorePoint {
  /** Distances inside the core, its enhancing part and its necrosis, mm, negative outside. */
  coreMm: number;
  enhancingMm: number;
  necrosisMm: number;
  /** Width of the core's border, mm. */
  borderMm: number;
  /** Uptake of contrast agent where vessels leak, 0..1. */
  uptake: number;
  /** Share of the necrosis that is a cavity, of fluid in the rest, of cells in tumour that does not enhance, of blood products, 0..1. */
  cavityShare: number;
  fluidShare: number;
  cellShare: number;
  bloodShare: number;
}

/** The tissue fractions of one voxel, kept in one array so that a volume needs no allocation. */
export class VoxelMix {
  /** Share of each tissue, in the order of TISSUES, sum 1. */
  readonly fractions = new Float32Array(TISSUES.length);
  /** Uptake of contrast agent in the voxel's living tumour, 0..1. */
  uptake = 0;
  /** How many of the tissues, from the first, may be there: most voxels hold none of the rare ones. */
  private present = 0;

  /** @param greyUptake Grey matter takes up this share of the fluid that white matter does. */
  constructor(private readonly greyUptake: number) {}

  /** Fractions of the healthy head; the atlas's probabilities sharpened with the subject's own odds. */
  setHealthy(atlas: AtlasSampler, whiteOdds: number, csfOdds: number): void {
    const { fractions } = this;
    const { csf: c, gm: g, wm: w } = atlas;
    const csf = c * c * c * csfOdds;
    const gm = g * g * g;
    const wm = w * w * w * whiteOdds;
    const scale = 1 / (csf + gm + wm + 1e-9);
    for (let i = VESSEL; i < this.present; i++) fractions[i] = 0;
    fractions[CSF] = csf * scale;
    fractions[GM] = gm * scale;
    fractions[WM] = wm * scale;
    this.uptake = 0;
    this.present = EDEMA + 1;
  }

  /** Puts vessel in the place of what is there. */
  addVessel(share: number): void {
    this.replace(VESSEL, share);
  }

  /** Puts fat of the skull in the place of what is there. */
  addFat(share: number): void {
    this.replace(FAT, share);
  }

  /** Puts a tissue in the place of a share of what is there. @param tissue Its place in TISSUES. */
  replace(tissue: number, share: number): void {
    const { fractions, present } = this;
    for (let i = 0; i < present; i++) fractions[i] = (fractions[i] as number) * (1 - share);
    fractions[tissue] = (fractions[tissue] as number) + share;
    if (tissue >= this.present) this.present = fractions.length;
  }

  /** Water in the tissue: white matter takes it up more than grey does. */
  addEdema(level: number): void {
    this.convert(EDEMA, level, this.greyUptake * level);
  }

  /** Tumour cells among those of white and grey matter. */
  addInfiltration(share: number): void {
    this.convert(TUMOUR, share, share);
  }

  private convert(tissue: number, ofWhite: number, ofGrey: number): void {
    const { fractions } = this;
    const white = (fractions[WM] as number) * ofWhite;
    const grey = (fractions[GM] as number) * ofGrey;
    fractions[WM] = (fractions[WM] as number) - white;
    fractions[GM] = (fractions[GM] as number) - grey;
    fractions[tissue] = (fractions[tissue] as number) + white + grey;
    if (tissue >= this.present) this.present = fractions.length;
  }

  /** Tumour core in the place of what was there: living tissue, with or without leak, necrosis, blood. */
  addCore(point: CorePoint): void {
    const { fractions } = this;
    const barrier = 1 - (fractions[CSF] as number) * clamp(1 - point.coreMm / FILLED_DEPTH_MM);
    const core = clamp(point.coreMm / point.borderMm + 0.5) * barrier;
    if (core <= 0) return;
    const necrosis = clamp(point.necrosisMm / NECROSIS_BORDER_MM + 0.5);
    const leaking = clamp(point.enhancingMm / ENHANCING_BORDER_MM + 0.5);
    // Where the barrier holds, cells lie scattered in waterlogged tissue.
    const cells = point.cellShare + (1 - point.cellShare) * leaking;
    const solid = core * (1 - point.bloodShare);
    for (let i = 0; i < this.present; i++) fractions[i] = (fractions[i] as number) * (1 - core);
    fractions[TUMOUR] = (fractions[TUMOUR] as number) + solid * (1 - necrosis) * cells;
    fractions[EDEMA] = (fractions[EDEMA] as number) + solid * (1 - necrosis) * (1 - cells);
    const dead = solid * necrosis;
    fractions[CAVITY] = dead * point.cavityShare;
    fractions[DENSE] = dead * (1 - point.cavityShare) * (1 - point.fluidShare);
    fractions[FLUID] = dead * (1 - point.cavityShare) * point.fluidShare;
    fractions[BLOOD] = core * point.bloodShare;
    this.uptake = point.uptake * leaking;
    this.present = fractions.length;
  }

  /** Writes the voxel's signal in each sequence, moved towards `tumourGain` where contrast agent is. */
  signals({ plain, tumourGain }: SignalTable, out: readonly Float32Array[], voxel: number): void {
    const f = this.fractions;
    const { present } = this;
    const enhanced = (f[TUMOUR] as number) * this.uptake;
    const csf = f[CSF] as number;
    const gm = f[GM] as number;
    const wm = f[WM] as number;
    const vessel = f[VESSEL] as number;
    const edema = f[EDEMA] as number;
    for (let s = 0; s < out.length; s++) {
      const tissue = plain[s] as Float32Array;
      let sum = enhanced * (tumourGain[s] as number);
      sum += csf * (tissue[CSF] as number);
      sum += gm * (tissue[GM] as number);
      sum += wm * (tissue[WM] as number);
      sum += vessel * (tissue[VESSEL] as number);
      sum += edema * (tissue[EDEMA] as number);
      for (let i = EDEMA + 1; i < present; i++) sum += (f[i] as number) * (tissue[i] as number);
      (out[s] as Float32Array)[voxel] = sum;
    }
  }

  /** How much of the voxel looks wet on FLAIR if tissue is waterlogged to a level, 0..1. */
  wetness(level: number): number {
    const f = this.fractions;
    const tissue = (f[WM] as number) + (f[EDEMA] as number) + 0.4 * (f[GM] as number);
    return level * tissue + (f[TUMOUR] as number);
  }

  /** Share of CSF. */
  get csf(): number {
    return this.fractions[CSF] as number;
  }
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
