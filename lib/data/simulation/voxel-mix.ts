import type { AtlasSampler } from "./atlas-sampler";
import { TISSUES } from "./tissue-parameters";

const CSF = 0;
const GM = 1;
const WM = 2;
const VESSEL = 3;
const EDEMA = 4;
const TUMOUR = 5;
const DENSE = 6;
const FLUID = 7;
const FAT = 8;

/** Width of the border between tumour tissues, mm: the partial volume of cells that mingle. */
const BORDER_MM = 2;

/** Uptake above which a rater sees enhancement. */
const VISIBLE_UPTAKE = 0.22;

/** Share of edema above which a rater sees it. */
const VISIBLE_EDEMA = 0.33;

/** The tissue fractions of one voxel, kept in one array so that a volume needs no allocation. */
export class VoxelMix {
  /** Share of each tissue, in the order of TISSUES, sum 1. */
  readonly fractions = new Float32Array(TISSUES.length);
  /** Uptake of contrast agent in the voxel's living tumour, 0..1. */
  uptake = 0;

  /** Fractions of the healthy head; the atlas's probabilities sharpened with the subject's own odds. */
  setHealthy(atlas: AtlasSampler, whiteOdds: number, csfOdds: number): void {
    const { fractions } = this;
    const csf = atlas.csf * atlas.csf * atlas.csf * csfOdds;
    const gm = atlas.gm * atlas.gm * atlas.gm;
    const wm = atlas.wm * atlas.wm * atlas.wm * whiteOdds;
    const scale = 1 / (csf + gm + wm + 1e-9);
    fractions[CSF] = csf * scale;
    fractions[GM] = gm * scale;
    fractions[WM] = wm * scale;
    fractions[VESSEL] = 0;
    fractions[EDEMA] = 0;
    fractions[TUMOUR] = 0;
    fractions[DENSE] = 0;
    fractions[FLUID] = 0;
    fractions[FAT] = 0;
    this.uptake = 0;
  }

  /** Puts vessel in the place of what is there. */
  addVessel(share: number): void {
    this.replace(VESSEL, share);
  }

  /** Puts fat of the skull in the place of what is there. */
  addFat(share: number): void {
    this.replace(FAT, share);
  }

  private replace(tissue: number, share: number): void {
    const { fractions } = this;
    for (let i = 0; i < fractions.length; i++) fractions[i] = (fractions[i] as number) * (1 - share);
    fractions[tissue] = (fractions[tissue] as number) + share;
  }

  /** Water in the tissue: white matter takes it up more than grey does. */
  addEdema(level: number): void {
    const { fractions } = this;
    const white = (fractions[WM] as number) * level;
    const grey = (fractions[GM] as number) * level * 0.35;
    fractions[WM] = (fractions[WM] as number) - white;
    fractions[GM] = (fractions[GM] as number) - grey;
    fractions[EDEMA] = (fractions[EDEMA] as number) + white + grey;
  }

  /** Tumour core: living tissue, then necrosis, in the place of what was there. */
  addCore(coreMm: number, necrosisMm: number, uptake: number, fluidShare: number): void {
    const { fractions } = this;
    // Near its border the core stops at CSF; deep inside, sulci are filled.
    const barrier = 1 - (fractions[CSF] as number) * clamp(1 - coreMm / 4);
    const core = clamp(coreMm / BORDER_MM + 0.5) * barrier;
    if (core <= 0) return;
    const necrosis = clamp(necrosisMm / BORDER_MM + 0.5);
    for (let i = 0; i < fractions.length; i++) fractions[i] = (fractions[i] as number) * (1 - core);
    fractions[TUMOUR] = core * (1 - necrosis);
    fractions[DENSE] = core * necrosis * (1 - fluidShare);
    fractions[FLUID] = core * necrosis * fluidShare;
    this.uptake = uptake;
  }

  /** Signal of the voxel: `plain` for each tissue, moved towards `enhanced` where contrast agent is. */
  signal(plain: Float32Array, tumourGain: number): number {
    const f = this.fractions;
    let sum = (f[TUMOUR] as number) * this.uptake * tumourGain;
    for (let i = 0; i < 9; i++) sum += (f[i] as number) * (plain[i] as number);
    return sum;
  }

  /**
   * What a rater marks: BraTS label 1, 2, 4 or 0.
   *
   * @param coreMm Distance inside the core as the rater draws it, mm.
   * @param edemaLevel Edema as the rater sees it, 0..1.
   */
  annotate(coreMm: number, necrosisMm: number, edemaLevel: number): 0 | 1 | 2 | 4 {
    const { fractions } = this;
    const csf = fractions[CSF] as number;
    if (csf > 0.5) return 0;
    if (coreMm > 0) return necrosisMm <= 0 && this.uptake > VISIBLE_UPTAKE ? 4 : 1;
    const wet = fractions[WM] as number;
    const grey = fractions[GM] as number;
    return edemaLevel * (wet + (fractions[EDEMA] as number) + 0.4 * grey) > VISIBLE_EDEMA ? 2 : 0;
  }
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
