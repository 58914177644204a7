import { drawnLabel, trueLabel, type Finding } from "./annotation";
import type { VoxelBox } from "./frame";
import type { Rater } from "./rater";
import { RowSet } from "./row-set";
import type { SimulationTraits } from "./simulation-version";
import type { Tumour } from "./tumour";
import { CORE_DENSITY } from "./tumour-growth";
import { TEXTURE_DEVIATION } from "./tumour-parts";
import type { CorePoint, VoxelMix } from "./voxel-mix";

/** Waterlogged tissue at most, and how it varies with the texture. */
const EDEMA_SHARE = { mean: 0.9, texture: 0.25, least: 0.3 } as const;

/** Cells in tumour that does not enhance, as share of it; the rest looks like edema. */
const COAT_CELLS = { mean: 0.6, texture: 0.35, least: 0.15 } as const;

/** How the liquefied share of the necrosis varies with the texture. */
const CAVITY_TEXTURE = 0.4;

/** Values of the texture over which tissue turns to blood products. */
const CLOT_EDGE = 0.15;

/** Fluid, density and distance below which a voxel is left as it is. */
const NOTHING = { fluid: 0.03, density: 0.04, coreMm: -4 } as const;

/** The labels of a box's voxels. */
export interface LabelVolumes {
  /** As the rater draws them. */
  readonly labels: Uint8Array;
  /** By the true borders. */
  readonly truth: Uint8Array;
}

/** Puts a tumour into the voxels of a head, one row along x after another, and draws the labels. */
export class TumourPainter {
  private readonly rows: RowSet;
  private readonly raterRows: RowSet;
  private readonly point: CorePoint;
  private readonly finding: Finding = {
    coreMm: 0,
    enhancingMm: 0,
    necrosisMm: 0,
    uptake: 0,
    wetness: 0,
    csf: 0,
  };
  /** Texture below which there is blood. */
  private readonly clotBelow: number;
  /** First and last place of the row that the tumour touches. */
  private first = 0;
  private last = -1;
  private sliceMm = 0;

  /** @param volumes Written where there is tumour. */
  constructor(
    private readonly tumour: Tumour,
    private readonly rater: Rater,
    box: VoxelBox,
    private readonly volumes: LabelVolumes,
    private readonly traits: Pick<SimulationTraits, "edema" | "limits">,
  ) {
    const { lattice, coreMm, enhancingMm, necrosisMm, fluid, density, uptake, texture, plan } = tumour;
    this.rows = new RowSet(lattice, [coreMm, enhancingMm, necrosisMm, fluid, density, uptake, texture], box);
    this.raterRows = new RowSet(
      lattice,
      [rater.coreMm, rater.enhancingMm, rater.necrosisMm, rater.edemaGain, rater.confusion],
      box,
    );
    this.point = {
      coreMm: 0,
      enhancingMm: 0,
      necrosisMm: 0,
      borderMm: plan.borderMm,
      uptake: 0,
      fluidShare: 0,
      cavityShare: 0,
      cellShare: 0,
      bloodShare: 0,
    };
    // The share of a normal field below it, by the logistic approximation.
    this.clotBelow =
      plan.bleeding > 0
        ? (TEXTURE_DEVIATION * Math.log(plan.bleeding / (1 - plan.bleeding))) / 1.7
        : -Infinity;
  }

  /** Goes to the row at (y, z), mm, to paint from one of its places to another. */
  startRow(y: number, z: number, [from, to]: readonly [number, number]): void {
    this.last = -1;
    if (!this.rows.covers(y, z)) return;
    const { rows, reach } = this.rows;
    this.rows.read(y, z, from, to);
    const [core, , , fluid, density] = rows as Row7;
    const beyond = (i: number): boolean =>
      (fluid[i] as number) < NOTHING.fluid &&
      (density[i] as number) < NOTHING.density &&
      (core[i] as number) < NOTHING.coreMm;
    let first = Math.max(from, reach[0]);
    let last = Math.min(to, reach[1]);
    while (first <= last && beyond(first)) first++;
    while (first <= last && beyond(last)) last--;
    if (first > last) return;
    this.first = first;
    this.last = last;
    this.raterRows.read(y, z, first, last);
    this.sliceMm = this.rater.sliceMm[Math.round(z)] ?? 0;
  }

  /** Whether there may be any tumour at a place of the row. */
  touches(i: number): boolean {
    return i >= this.first && i <= this.last;
  }

  /**
   * Adds the tumour's tissues to the healthy mix of a voxel and draws its label.
   *
   * @param voxel Place in the box. @param i Place in the row.
   */
  paint(mix: VoxelMix, voxel: number, i: number): void {
    const [core, enhancing, necrosis, fluid, density, uptake, texture] = this.rows.rows as Row7;
    const coreMm = core[i] as number;
    const wet = fluid[i] as number;
    const cells = density[i] as number;
    if (wet < NOTHING.fluid && cells < NOTHING.density && coreMm < NOTHING.coreMm) return;
    const grain = texture[i] as number;
    const { point } = this;
    const level = edemaLevel(wet, this.traits.edema);
    mix.addEdema(level * bounded(EDEMA_SHARE.mean + EDEMA_SHARE.texture * grain, EDEMA_SHARE.least));
    mix.addInfiltration(this.tumour.plan.infiltration * Math.min(1, cells / CORE_DENSITY));
    point.coreMm = coreMm;
    point.enhancingMm = enhancing[i] as number;
    point.necrosisMm = necrosis[i] as number;
    point.uptake = uptake[i] as number;
    point.fluidShare = bounded(this.tumour.plan.cystic + grain, 0);
    const { cavity } = this.tumour.plan;
    point.cavityShare = cavity > 0 ? bounded(cavity + CAVITY_TEXTURE * grain, 0) : 0;
    point.cellShare = bounded(COAT_CELLS.mean - COAT_CELLS.texture * grain, COAT_CELLS.least);
    point.bloodShare = bounded((this.clotBelow - grain) / CLOT_EDGE + 0.5, 0);
    mix.addCore(point);
    this.label(mix, voxel, i, wet);
  }

  private label(mix: VoxelMix, voxel: number, i: number, wet: number): void {
    const { finding, point, rater, sliceMm } = this;
    const [core, enhancing, necrosis, edemaGain, confusion] = this.raterRows.rows as Row5;
    finding.coreMm = point.coreMm;
    finding.enhancingMm = point.enhancingMm;
    finding.necrosisMm = point.necrosisMm;
    finding.uptake = point.uptake;
    finding.wetness = mix.wetness(edemaLevel(wet, this.traits.edema));
    finding.csf = mix.csf;
    this.volumes.truth[voxel] = trueLabel(finding, this.traits.limits);
    finding.coreMm += (core[i] as number) + sliceMm;
    finding.enhancingMm += (enhancing[i] as number) + sliceMm;
    finding.necrosisMm += (necrosis[i] as number) + sliceMm;
    finding.wetness *= edemaGain[i] as number;
    this.volumes.labels[voxel] = drawnLabel(finding, rater, confusion[i] as number);
  }
}

function bounded(value: number, least: number): number {
  return value < least ? least : value > 1 ? 1 : value;
}

/** Share of a voxel's tissue that is waterlogged at a fluid level, 0..1. */
function edemaLevel(fluid: number, { onset, range }: SimulationTraits["edema"]): number {
  const t = (fluid - onset) / range;
  return t <= 0 ? 0 : t >= 1 ? 1 : t * t * (3 - 2 * t);
}

type Row5 = readonly [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
type Row7 = readonly [...Row5, Float32Array, Float32Array];
