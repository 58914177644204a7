import { SEQUENCES } from "../../shape";
import { AtlasSampler } from "./atlas-sampler";
import { foldCortex } from "./cortical-folds";
import { rowGeometry, voxelCount, voxelMm, type VoxelBox } from "./frame";
import { SURFACE_MARGIN_MM, type Head } from "./head";
import type { Rater } from "./rater";
import { RowSet } from "./row-set";
import type { SignalTable } from "./signal-table";
import type { SimulationTraits } from "./simulation-version";
import { TISSUES } from "./tissue-parameters";
import { TumourPainter } from "./tumour-painter";
import { VoxelMix } from "./voxel-mix";

/** What an ideal scanner and a rater see of a head: one value a voxel of the box. */
export interface HeadImage {
  readonly box: VoxelBox;
  /** Signal of each sequence in the order of SEQUENCES, 0 outside the brain. */
  readonly signals: readonly Float32Array[];
  /** BraTS labels 0, 1, 2, 4, as the rater draws them. */
  readonly labels: Uint8Array;
  /** BraTS labels by the true borders. */
  readonly truth: Uint8Array;
  /** 1 in the brain as skull stripping leaves it. */
  readonly brain: Uint8Array;
  /** Share of each tissue of TISSUES, 255 for a whole voxel, for those who ask. */
  readonly shares?: readonly Uint8Array[];
}

/**
 * An image of the box with nothing in it.
 *
 * @param withShares Whether to keep the share of each tissue too.
 */
export function emptyImage(box: VoxelBox, withShares = false): HeadImage {
  const count = voxelCount(box);
  return {
    ...(withShares ? { shares: TISSUES.map(() => new Uint8Array(count)) } : {}),
    box,
    signals: SEQUENCES.map(() => new Float32Array(count)),
    labels: new Uint8Array(count),
    truth: new Uint8Array(count),
    brain: new Uint8Array(count),
  };
}

/**
 * Renders a head: tissue fractions of every voxel, their signals, and the labels.
 *
 * @param table Signal of each tissue in each sequence.
 * @param rater Who draws the labels.
 */
export function renderHead(head: Head, table: SignalTable, rater: Rater, image: HeadImage): void {
  const { box } = image;
  const { tumour, toAtlas } = head;
  const headRows = new RowSet(
    head.lattice,
    [
      toAtlas.x,
      toAtlas.y,
      toAtlas.z,
      head.whiteOdds,
      head.csfOdds,
      head.vesselA,
      head.vesselB,
      head.hyperintensity,
      head.cut,
      head.folds.sulcusMm,
      head.folds.share,
    ],
    box,
  );
  const tumourPainter = new TumourPainter(tumour, rater, box, image, head.traits);
  const depthRows = new RowSet(head.lattice, [head.depthMm], box);
  const painter = new RowPainter(head, table, headRows.rows, tumourPainter, image);
  // Upwards in each plane of one y, as the readers of rows like it.
  for (let y = 0; y < box.size[1]; y++)
    for (let z = 0; z < box.size[2]; z++) {
      const yMm = voxelMm(box.frame, box.start[1] + y);
      const zMm = voxelMm(box.frame, box.start[2] + z);
      depthRows.read(yMm, zMm);
      const range = insideRange(depthRows.rows[0] as Float32Array);
      if (range === undefined) continue;
      headRows.read(yMm, zMm, range[0], range[1]);
      tumourPainter.startRow(yMm, zMm, range);
      painter.paint(box.size[0] * (y + box.size[1] * z), yMm, zMm, range, depthRows.rows[0] as Float32Array);
    }
}

/** First and last place of a row that may hold brain; undefined where there is none. */
function insideRange(depthMm: Float32Array): readonly [number, number] | undefined {
  let first = 0;
  let last = depthMm.length - 1;
  while (first <= last && (depthMm[first] as number) < -SURFACE_MARGIN_MM) first++;
  while (last >= first && (depthMm[last] as number) < -SURFACE_MARGIN_MM) last--;
  return first <= last ? [first, last] : undefined;
}

/** Specks of fat that skull stripping leaves at the border: standard deviations of a smooth field above which there are any. */
export const FAT_ABOVE = 1.9;

/** Turns rows of coarse fields into rows of voxels. */
class RowPainter {
  private readonly atlas: AtlasSampler;
  private readonly mix: VoxelMix;
  private readonly traits: SimulationTraits;
  private readonly startMm: number;
  private readonly sulcusHalfMm: number;
  private readonly stepMm: number;

  constructor(
    head: Head,
    private readonly table: SignalTable,
    private readonly fields: readonly Float32Array[],
    private readonly tumourPainter: TumourPainter,
    private readonly image: HeadImage,
  ) {
    this.atlas = new AtlasSampler(head.anatomy);
    this.traits = head.traits;
    this.mix = new VoxelMix(head.traits.greyUptake);
    this.sulcusHalfMm = head.sulcusHalfMm;
    const { startMm, stepMm } = rowGeometry(image.box);
    this.startMm = startMm;
    this.stepMm = stepMm;
  }

  /** Fills one row of the image. @param base Place of its first voxel. */
  paint(base: number, y: number, z: number, range: readonly [number, number], depth: Float32Array): void {
    const { atlas, mix, image, table, tumourPainter, startMm, stepMm, sulcusHalfMm } = this;
    const { brain, signals, shares } = image;
    const [dx, dy, dz, white, csf, vesselA, vesselB, wmh, cut, sulcus, folded] = this.fields as Row11;
    for (let i = range[0]; i <= range[1]; i++) {
      const x = startMm + i * stepMm;
      if (!atlas.sample(x + (dx[i] as number), y + (dy[i] as number), z + (dz[i] as number))) continue;
      const coverage = atlas.csf + atlas.gm + atlas.wm;
      if (coverage < (cut[i] as number)) continue;
      if ((folded[i] as number) > 0)
        foldCortex(atlas, sulcus[i] as number, folded[i] as number, depth[i] as number, sulcusHalfMm);
      mix.setHealthy(atlas, white[i] as number, csf[i] as number);
      const vessel = this.vesselShare(coverage, vesselA[i] as number, vesselB[i] as number);
      if (vessel > 0) mix.addVessel(vessel);
      if (coverage < 0.8 && (vesselB[i] as number) > FAT_ABOVE)
        mix.addFat(Math.min(0.8, (vesselB[i] as number) - FAT_ABOVE));
      if ((wmh[i] as number) > 0) mix.addEdema(wmh[i] as number);
      if (tumourPainter.touches(i)) tumourPainter.paint(mix, base + i, i);
      brain[base + i] = 1;
      shares?.forEach((share, t) => {
        share[base + i] = Math.round(255 * (mix.fractions[t] as number));
      });
      mix.signals(table, signals, base + i);
    }
  }

  /** Vessels of the atlas, small vessels in the sulci, and shreds of dura at the border. */
  private vesselShare(coverage: number, a: number, b: number): number {
    let share = this.atlas.vessel;
    const { smallVessels, dura } = this.traits;
    const near = 1 - (a * a + b * b) * smallVessels.fallOff;
    if (near > 0)
      share += near * Math.min(smallVessels.most, smallVessels.ofCsf * (this.mix.fractions[0] as number));
    if (coverage < 0.8 && a > dura.above) share += dura.strength * (a - dura.above);
    return Math.min(share, 0.95);
  }
}

type Row6 = readonly [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
type Row11 = readonly [...Row6, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
