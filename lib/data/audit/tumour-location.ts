import type { AuditVolumes } from "./audit-volumes";

/** Edge of a cell of the location maps, mm. */
export const LOCATION_CELL_MM = 4;

/** Views in which tumours are projected: along z, y and x. */
export const VIEWS = ["axial", "coronal", "sagittal"] as const;
export type View = (typeof VIEWS)[number];

/** Where a tumour is, in the BraTS frame: x to the patient's left, y to the back, z upwards. */
export interface TumourLocation {
  /** Centre of mass, mm; null without tumour. */
  readonly centreMm: readonly [number, number, number] | null;
  /** For each view the cells that the tumour's projection covers, rising. */
  readonly cells: Readonly<Record<View, readonly number[]>>;
  /** The same of the brain. */
  readonly brainCells: Readonly<Record<View, readonly number[]>>;
}

/** Columns and rows of each view for a field of view in mm. */
export function viewSizes(
  fieldMm: readonly [number, number, number],
): Readonly<Record<View, [number, number]>> {
  const [x, y, z] = fieldMm.map((length) => Math.ceil(length / LOCATION_CELL_MM)) as [number, number, number];
  return { axial: [x, y], coronal: [x, z], sagittal: [y, z] };
}

/** Extent of a subject's volume, mm; voxels are taken as cubes in the plane. */
export function fieldOf({ shape, pixelMm, voxelMm3 }: AuditVolumes): [number, number, number] {
  return [shape[0] * pixelMm, shape[1] * pixelMm, (shape[2] * voxelMm3) / pixelMm ** 2];
}

/** Centre of all tumour classes together, and projections of the tumour and of the brain. */
export function tumourLocation(volumes: AuditVolumes): TumourLocation {
  const { shape, classes, brain, pixelMm, voxelMm3 } = volumes;
  const sliceMm = voxelMm3 / pixelMm ** 2;
  const [tumourCells, brainCells] = [new Projection(fieldOf(volumes)), new Projection(fieldOf(volumes))];
  const sums = [0, 0, 0];
  let count = 0;
  for (let k = 0, at = 0; k < shape[2]; k++)
    for (let j = 0; j < shape[1]; j++)
      for (let i = 0; i < shape[0]; i++, at++) {
        const isTumour = classes[at] !== 0;
        if (!isTumour && brain[at] === 0) continue;
        const [x, y, z] = [(i + 0.5) * pixelMm, (j + 0.5) * pixelMm, (k + 0.5) * sliceMm];
        if (brain[at] === 1) brainCells.add(x, y, z);
        if (!isTumour) continue;
        tumourCells.add(x, y, z);
        count++;
        sums[0] = (sums[0] ?? 0) + x;
        sums[1] = (sums[1] ?? 0) + y;
        sums[2] = (sums[2] ?? 0) + z;
      }
  const [x = 0, y = 0, z = 0] = sums.map((sum) => sum / count);
  return {
    centreMm: count === 0 ? null : [x, y, z],
    cells: tumourCells.cells(),
    brainCells: brainCells.cells(),
  };
}

/** Which cells of each view something covers. */
class Projection {
  private readonly sizes: Readonly<Record<View, [number, number]>>;
  private readonly hit: Readonly<Record<View, Uint8Array>>;

  constructor(fieldMm: readonly [number, number, number]) {
    this.sizes = viewSizes(fieldMm);
    const map = (view: View): Uint8Array => new Uint8Array(this.sizes[view][0] * this.sizes[view][1]);
    this.hit = { axial: map("axial"), coronal: map("coronal"), sagittal: map("sagittal") };
  }

  /** A point in mm. */
  add(xMm: number, yMm: number, zMm: number): void {
    const x = Math.floor(xMm / LOCATION_CELL_MM);
    const y = Math.floor(yMm / LOCATION_CELL_MM);
    const z = Math.floor(zMm / LOCATION_CELL_MM);
    this.hit.axial[y * this.sizes.axial[0] + x] = 1;
    this.hit.coronal[z * this.sizes.coronal[0] + x] = 1;
    this.hit.sagittal[z * this.sizes.sagittal[0] + y] = 1;
  }

  cells(): Readonly<Record<View, readonly number[]>> {
    const of = (view: View): readonly number[] =>
      Array.from(this.hit[view].keys()).filter((cell) => this.hit[view][cell] === 1);
    return { axial: of("axial"), coronal: of("coronal"), sagittal: of("sagittal") };
  }
}
