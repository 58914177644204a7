import { SEQUENCES } from "../../shape";
import { AtlasSampler } from "./atlas-sampler";
import { rowGeometry, voxelCount, voxelMm, type VoxelBox } from "./frame";
import { SURFACE_MARGIN_MM, type Head } from "./head";
import { RowReader, type Lattice } from "./lattice";
import type { SignalTable } from "./signal-table";
import { VoxelMix } from "./voxel-mix";

/** What an ideal scanner and a rater see of a head: one value a voxel of the box. */
export interface HeadImage {
  readonly box: VoxelBox;
  /** Signal of each sequence in the order of SEQUENCES, 0 outside the brain. */
  readonly signals: readonly Float32Array[];
  /** BraTS labels 0, 1, 2, 4. */
  readonly labels: Uint8Array;
  /** 1 in the brain as skull stripping leaves it. */
  readonly brain: Uint8Array;
}

/** An image of the box with nothing in it. */
export function emptyImage(box: VoxelBox): HeadImage {
  const count = voxelCount(box);
  return {
    box,
    signals: SEQUENCES.map(() => new Float32Array(count)),
    labels: new Uint8Array(count),
    brain: new Uint8Array(count),
  };
}

/** Rows of several fields of one lattice, read together. */
class RowSet {
  readonly rows: readonly Float32Array[];
  private readonly reader: RowReader;

  constructor(
    private readonly lattice: Lattice,
    private readonly fields: readonly Float32Array[],
    box: VoxelBox,
  ) {
    const row = rowGeometry(box);
    this.reader = new RowReader(lattice, row);
    this.rows = fields.map(() => new Float32Array(row.count));
  }

  /** Whether the lattice reaches the row at (y, z), mm. */
  covers(y: number, z: number): boolean {
    const { originMm, spacingMm, dims } = this.lattice;
    const v = (y - originMm[1]) / spacingMm;
    const w = (z - originMm[2]) / spacingMm;
    return v >= 0 && w >= 0 && v <= dims[1] - 1 && w <= dims[2] - 1;
  }

  read(y: number, z: number): void {
    for (let k = 0; k < this.fields.length; k++)
      this.reader.read(this.fields[k] as Float32Array, y, z, this.rows[k] as Float32Array);
  }
}

/**
 * Renders a head: tissue fractions of every voxel, their signals, and the labels.
 *
 * @param table Signal of each tissue in each sequence.
 * @param rater Displacement of the drawn borders on the tumour's lattice, mm.
 */
export function renderHead(head: Head, table: SignalTable, rater: Float32Array, image: HeadImage): void {
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
    ],
    box,
  );
  const tumourRows = new RowSet(
    tumour.lattice,
    [tumour.coreMm, tumour.necrosisMm, tumour.fluid, tumour.uptake, tumour.texture, rater],
    box,
  );
  const depthRows = new RowSet(head.lattice, [head.depthMm], box);
  const painter = new RowPainter(head, table, headRows.rows, tumourRows.rows, image);
  for (let z = 0; z < box.size[2]; z++)
    for (let y = 0; y < box.size[1]; y++) {
      const yMm = voxelMm(box.frame, box.start[1] + y);
      const zMm = voxelMm(box.frame, box.start[2] + z);
      depthRows.read(yMm, zMm);
      const range = insideRange(depthRows.rows[0] as Float32Array);
      if (range === undefined) continue;
      headRows.read(yMm, zMm);
      const reached = tumourRows.covers(yMm, zMm);
      if (reached) tumourRows.read(yMm, zMm);
      painter.paint(box.size[0] * (y + box.size[1] * z), yMm, zMm, range, reached);
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

/** Turns rows of coarse fields into rows of voxels. */
class RowPainter {
  private readonly atlas: AtlasSampler;
  private readonly mix = new VoxelMix();
  private readonly startMm: number;
  private readonly stepMm: number;
  /** First and last place in a row that the tumour's lattice covers. */
  private readonly reach: readonly [number, number];

  constructor(
    private readonly head: Head,
    private readonly table: SignalTable,
    private readonly fields: readonly Float32Array[],
    private readonly tumourFields: readonly Float32Array[],
    private readonly image: HeadImage,
  ) {
    this.atlas = new AtlasSampler(head.anatomy);
    const { startMm, stepMm } = rowGeometry(image.box);
    this.startMm = startMm;
    this.stepMm = stepMm;
    const { originMm, spacingMm, dims } = head.tumour.lattice;
    this.reach = [
      Math.ceil((originMm[0] - startMm) / stepMm),
      Math.floor((originMm[0] + (dims[0] - 1) * spacingMm - startMm) / stepMm),
    ];
  }

  /** Fills one row of the image. @param base Place of its first voxel. */
  paint(base: number, y: number, z: number, range: readonly [number, number], reached: boolean): void {
    const { atlas, mix, image } = this;
    const [dx, dy, dz, white, csf, vesselA, vesselB, wmh, cut] = this.fields as Row9;
    for (let i = range[0]; i <= range[1]; i++) {
      const x = this.startMm + i * this.stepMm;
      if (!atlas.sample(x + (dx[i] as number), y + (dy[i] as number), z + (dz[i] as number))) continue;
      const coverage = atlas.csf + atlas.gm + atlas.wm;
      if (coverage < (cut[i] as number)) continue;
      mix.setHealthy(atlas, white[i] as number, csf[i] as number);
      const vessel = this.vesselShare(coverage, vesselA[i] as number, vesselB[i] as number);
      if (vessel > 0) mix.addVessel(vessel);
      // Skull stripping leaves specks of fat here and there.
      if (coverage < 0.8 && (vesselB[i] as number) > 1.9)
        mix.addFat(Math.min(0.8, (vesselB[i] as number) - 1.9));
      if ((wmh[i] as number) > 0) mix.addEdema(wmh[i] as number);
      if (reached && i >= this.reach[0] && i <= this.reach[1]) this.paintTumour(base + i, i);
      image.brain[base + i] = 1;
      for (let s = 0; s < SEQUENCES.length; s++)
        (image.signals[s] as Float32Array)[base + i] = mix.signal(
          this.table.plain[s] as Float32Array,
          this.table.tumourGain[s] as number,
        );
    }
  }

  /** Vessels of the atlas, small vessels in the sulci, and shreds of dura at the border. */
  private vesselShare(coverage: number, a: number, b: number): number {
    let share = this.atlas.vessel;
    const near = 1 - (a * a + b * b) * 30;
    if (near > 0) share += near * Math.min(0.8, 1.5 * (this.mix.fractions[0] as number));
    if (coverage < 0.8 && a > 1.1) share += 0.5 * (a - 1.1);
    return Math.min(share, 0.95);
  }

  private paintTumour(voxel: number, i: number): void {
    const [core, necrosis, fluid, uptake, texture, rater] = this.tumourFields as Row6;
    const coreMm = core[i] as number;
    const wet = fluid[i] as number;
    if (wet < 0.02 && coreMm < -3) return;
    const { mix } = this;
    const { cystic, kind } = this.head.tumour.plan;
    const level = edemaLevel(wet);
    const grain = texture[i] as number;
    mix.addEdema(level * Math.min(1, Math.max(0.3, 0.92 + 0.25 * grain)));
    const necrosisMm = kind === "solid" ? -10 : (necrosis[i] as number);
    mix.addCore(coreMm, necrosisMm, uptake[i] as number, Math.min(1, Math.max(0, cystic + grain)));
    const drawn = rater[i] as number;
    const seen = edemaLevel(wet * (1 + 0.25 * drawn));
    this.image.labels[voxel] = mix.annotate(coreMm + drawn, necrosisMm + 0.6 * drawn, seen);
  }
}

/** Share of a voxel's tissue that is waterlogged at a fluid level, 0..1. */
function edemaLevel(fluid: number): number {
  const t = (fluid - 0.06) / 0.5;
  return t <= 0 ? 0 : t >= 1 ? 1 : t * t * (3 - 2 * t);
}

type Row6 = readonly [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
type Row9 = readonly [...Row6, Float32Array, Float32Array, Float32Array];
